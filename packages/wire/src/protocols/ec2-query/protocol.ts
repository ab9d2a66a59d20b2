/**
 * The EC2 dialect of Query: other parameter names, every list flattened, no result element, its own error document.
 * https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import type { ErrorAnswer, OutputAnswer, ServerProtocol } from '../server-protocol.ts'
import { readForm } from '../query/parse.ts'
import { escapeXml, writeXmlBody, XML_DECLARATION } from '../xml.ts'
import type { WireResponse } from '../../message.ts'

export const ec2Query: ServerProtocol = {
  name: 'ec2',
  readInput: (operation, content) => (content.form ? readForm(operation.input, content.form, 'ec2') : {}),
  writeOutput,
  writeError,
}

/** An operation without output answers `<return>true</return>`, as EC2 does. */
function writeOutput({ service, operation, output, requestId }: OutputAnswer): WireResponse {
  const { name } = operation
  const result = operation.output.kind === 'unit' ? '<return>true</return>' : writeXmlBody(operation.output, output)
  const namespace = `${escapeXml(service.xmlNamespace)}/`
  const body = `<${name}Response xmlns="${namespace}"><requestId>${requestId}</requestId>${result}</${name}Response>`
  return xml(200, body)
}

function writeError({ code, message, requestId, status }: ErrorAnswer): WireResponse {
  const error = `<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`
  return xml(status, `<Response><Errors>${error}</Errors><RequestID>${requestId}</RequestID></Response>`)
}

function xml(status: number, body: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body: XML_DECLARATION + body }
}
