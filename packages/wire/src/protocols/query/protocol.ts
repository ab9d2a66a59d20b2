/**
 * The Query protocol: form parameters in, `<XxxResponse><XxxResult>…` out.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import type { ErrorAnswer, OutputAnswer, ServerProtocol } from '../server-protocol.ts'
import { escapeXml, writeXmlBody, XML_DECLARATION } from '../xml.ts'
import type { WireResponse } from '../../message.ts'
import { readForm } from './parse.ts'

export const query: ServerProtocol = {
  name: 'query',
  readInput: (operation, content) => (content.form ? readForm(operation.input, content.form, 'query') : {}),
  writeOutput,
  writeError,
}

function writeOutput({ service, operation, output, requestId }: OutputAnswer): WireResponse {
  const { name } = operation
  const result =
    operation.output.kind === 'unit' ? '' : `<${name}Result>${writeXmlBody(operation.output, output)}</${name}Result>`
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
  return xml(200, `<${name}Response xmlns="${escapeXml(service.xmlNamespace)}">${result}${metadata}</${name}Response>`)
}

function writeError(answer: ErrorAnswer): WireResponse {
  const type = answer.fault === 'server' ? 'Receiver' : 'Sender'
  const details = answer.details ? writeXmlBody(answer.details.shape, answer.details.value) : ''
  const namespace = answer.service ? ` xmlns="${escapeXml(answer.service.xmlNamespace)}"` : ''
  const error =
    `<Error><Type>${type}</Type><Code>${escapeXml(answer.code)}</Code>` +
    `<Message>${escapeXml(answer.message)}</Message>${details}</Error>`
  const body = `<ErrorResponse${namespace}>${error}<RequestId>${answer.requestId}</RequestId></ErrorResponse>`
  return xml(answer.status, body)
}

function xml(status: number, body: string): WireResponse {
  return { status, headers: { 'content-type': 'text/xml' }, body: XML_DECLARATION + body }
}
