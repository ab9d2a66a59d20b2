/**
 * Every setting of the server: name, default, meaning. One list, from which flags, environment variables and
 * config-file keys are read, so that the three cannot differ. `read-config.ts` says which of them wins.
 */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  aDomain,
  anEndpoint,
  aHost,
  aNumber,
  aPath,
  aPattern,
  aText,
  oneOf,
  type ReadValue,
  severalTexts,
} from './setting-values.ts'

export type AddressModeSetting = 'auto' | 'addresses' | 'ports'
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
export type LogFormat = 'auto' | 'pretty' | 'json'

export interface Config {
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDir: string
  readonly store: string
  readonly addressMode: AddressModeSetting
  readonly network: string | undefined
  readonly region: string
  readonly accountId: string
  readonly dnsZone: string | undefined
  readonly dnsPort: number
  readonly origins: readonly string[]
  readonly auditDays: number
  readonly auditCalls: number
  readonly snapshotStorage: string
  readonly s3Endpoint: string | undefined
  readonly s3Region: string
  readonly s3Encryption: 'AES256' | 'aws:kms' | undefined
  readonly seedFiles: string | undefined
  readonly pingPeriodMs: number
  readonly stoppedAfterMs: number
  readonly hungAfterMs: number
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  readonly crashAfterEffect: number | undefined
}

export interface Setting<Name extends keyof Config = keyof Config> {
  /** Config-file key; the flag is `--data-dir`, the variable HOTSHELF_DATA_DIR. */
  readonly name: Name
  /** Shown in help after the flag. */
  readonly placeholder: string
  /** What holds when nobody says anything; a function of the settings before it in the list. */
  readonly fallback: Config[Name] | ((before: Config) => Config[Name])
  /** How the default is shown to people. */
  readonly shown: string
  readonly meaning: string
  readonly read: ReadValue<NonNullable<Config[Name]>>
  /** Only from the environment, and for tests of Hotshelf itself. */
  readonly testOnly?: true
}

const setting = <Name extends keyof Config>(it: Setting<Name>): Setting => it as unknown as Setting

/** In the order of the help text. A default may build on settings above it. */
export const settings: readonly Setting[] = [
  setting({
    name: 'port',
    placeholder: '<port>',
    fallback: 4566,
    shown: '4566',
    meaning: 'Port of the AWS API; 0 takes a free one.',
    read: aNumber(0, 65_535),
  }),
  setting({
    name: 'host',
    placeholder: '<address>',
    fallback: '127.0.0.1',
    shown: '127.0.0.1',
    meaning: 'Address the AWS API listens on. Any other than a loopback address lets the network in.',
    read: aHost,
  }),
  setting({
    name: 'dataDir',
    placeholder: '<directory>',
    fallback: () => join(homedir(), '.hotshelf'),
    shown: '~/.hotshelf',
    meaning: 'Everything this server keeps: store, nodes, certificates. One server per directory.',
    read: aPath,
  }),
  setting({
    name: 'store',
    placeholder: '<url>',
    fallback: before => `sqlite:${join(before.dataDir, 'hotshelf.db')}`,
    shown: 'sqlite:<data-dir>/hotshelf.db',
    meaning: 'Where resources are kept: sqlite:<path> or postgres://user@host/database.',
    read: aText,
  }),
  setting({
    name: 'addressMode',
    placeholder: '<mode>',
    fallback: 'auto',
    shown: 'auto',
    meaning:
      'addresses: every node has its own loopback address and the AWS port. ports: all share 127.0.0.1. ' +
      'auto: addresses where the machine has them.',
    read: oneOf('auto', 'addresses', 'ports'),
  }),
  setting({
    name: 'network',
    placeholder: '<prefix>',
    fallback: undefined,
    shown: 'chosen by the data directory',
    meaning: 'Loopback network that nodes get their addresses from, as its first two numbers: 127.77.',
    read: aPattern(
      /^127\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])$/,
      'the first two numbers of a loopback network, such as 127.77',
    ),
  }),
  setting({
    name: 'region',
    placeholder: '<region>',
    fallback: 'us-east-1',
    shown: 'us-east-1',
    meaning: 'Region of requests that name none.',
    read: aPattern(/^[a-z]{2}(?:-[a-z]+)+-\d+$/, 'a region such as us-east-1'),
  }),
  setting({
    name: 'accountId',
    placeholder: '<12 digits>',
    fallback: '000000000000',
    shown: '000000000000',
    meaning: 'Account that resources belong to.',
    read: aPattern(/^\d{12}$/, 'twelve digits'),
  }),
  setting({
    name: 'dnsZone',
    placeholder: '<zone>',
    fallback: undefined,
    shown: 'off: endpoints are addresses',
    meaning: 'Give endpoints names in this DNS zone, answered by Hotshelf itself.',
    read: aDomain,
  }),
  setting({
    name: 'dnsPort',
    placeholder: '<port>',
    fallback: 4553,
    shown: '4553',
    meaning: 'Port of the DNS server, on 127.0.0.1; only with a zone.',
    read: aNumber(0, 65_535),
  }),
  setting({
    name: 'origins',
    placeholder: '<urls>',
    fallback: [],
    shown: 'none',
    meaning: 'Web pages that may call the API from a browser, separated by commas: http://localhost:4510.',
    read: severalTexts,
  }),
  setting({
    name: 'auditDays',
    placeholder: '<days>',
    fallback: 90,
    shown: '90',
    meaning: 'How long calls of the API stay in the audit trail.',
    read: aNumber(1, 3_650),
  }),
  setting({
    name: 'auditCalls',
    placeholder: '<count>',
    fallback: 100_000,
    shown: '100000',
    meaning: 'How many calls of each kind (changes, questions, refusals) the audit trail keeps; 0 keeps none.',
    read: aNumber(0, 10_000_000),
  }),
  setting({
    name: 'snapshotStorage',
    placeholder: '<place>',
    fallback: before => join(before.dataDir, 'snapshots'),
    shown: '<data-dir>/snapshots',
    meaning: 'Where snapshots are kept: a directory, or s3://bucket/prefix.',
    read: aText,
  }),
  setting({
    name: 's3Endpoint',
    placeholder: '<url>',
    fallback: undefined,
    shown: 'buckets of this server itself, in <data-dir>/buckets',
    meaning:
      'S3 service of the buckets that snapshots are exported to and kept in: a URL, or aws. Credentials are found as every ' +
      'AWS tool finds them (AWS_ACCESS_KEY_ID, profiles, roles).',
    read: anEndpoint,
  }),
  setting({
    name: 's3Region',
    placeholder: '<region>',
    fallback: before => before.region,
    shown: 'that of --region',
    meaning: 'Region of the S3 service.',
    read: aText,
  }),
  setting({
    name: 's3Encryption',
    placeholder: '<kind>',
    fallback: undefined,
    shown: "the bucket's own",
    meaning: 'Server-side encryption to ask the S3 service for: AES256 or aws:kms.',
    read: oneOf('AES256', 'aws:kms'),
  }),
  setting({
    name: 'seedFiles',
    placeholder: '<directory>',
    fallback: undefined,
    shown: 'off: only buckets',
    meaning: 'Directory whose RDB files new groups may be made from (SnapshotArns, file:///…). None outside is read.',
    read: aPath,
  }),
  setting({
    name: 'pingPeriodMs',
    placeholder: '<ms>',
    fallback: 200,
    shown: '200',
    meaning: 'How often every node is asked whether it is there. Deaths are noticed without it.',
    read: aNumber(10, 60_000),
  }),
  setting({
    name: 'stoppedAfterMs',
    placeholder: '<ms>',
    fallback: 400,
    shown: '400',
    meaning: 'A node whose process is stopped (SIGSTOP) and owes an answer for so long is replaced; 0 waits for ever.',
    read: aNumber(0, 86_400_000),
  }),
  setting({
    name: 'hungAfterMs',
    placeholder: '<ms>',
    fallback: 0,
    shown: '0: never',
    meaning:
      'A node whose process runs and owes an answer for so long is replaced, even if it is only busy with a long script; ' +
      '0 waits for ever.',
    read: aNumber(0, 86_400_000),
  }),
  setting({
    name: 'logLevel',
    placeholder: '<level>',
    fallback: 'info',
    shown: 'info',
    meaning: 'trace, debug, info, warn, error, fatal or silent.',
    read: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  }),
  setting({
    name: 'logFormat',
    placeholder: '<format>',
    fallback: 'auto',
    shown: 'auto',
    meaning: 'pretty for people, json for machines; auto is pretty on a terminal. The log goes to stderr.',
    read: oneOf('auto', 'pretty', 'json'),
  }),
  setting({
    name: 'crashAfterEffect',
    placeholder: '<n>',
    fallback: undefined,
    shown: 'never',
    meaning: 'Kill this process (SIGKILL) right after its n-th change to the world. For tests of recovery.',
    read: aNumber(1, Number.MAX_SAFE_INTEGER),
    testOnly: true,
  }),
]

export const flagOf = (name: keyof Config): string => `--${kebab(name)}`
export const variableOf = (name: keyof Config): string => `HOTSHELF_${kebab(name).replaceAll('-', '_').toUpperCase()}`

/** The file that is read when no other is named. */
export const configFileIn = (dataDir: string): string => join(resolve(dataDir), 'hotshelf.config.json')

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
