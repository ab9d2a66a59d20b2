/** Address blocks as customers write them: `10.1.0.0/16`. */
const octet = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`
const block = new RegExp(String.raw`^(?:${octet}\.){3}${octet}/(?:3[0-2]|[12]?\d)$`)

export const isIpv4Block = (text: string): boolean => block.test(text)
