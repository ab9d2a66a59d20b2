/**
 * Reads a service from its SDK module. Reading waits for the first request that needs it, because a module such as
 * client-ec2 costs a second and 90 MB; operations are read one by one for the same reason.
 */
import { loadOverlay, type Overlay } from '../overlay/overlay.ts'
import { createShapeReader, type ShapeReader } from './read-shapes.ts'
import type {
  ErrorModel,
  FormDialect,
  LoadedService,
  OperationModel,
  RefusalWording,
  ServiceModel,
} from './service-model.ts'
import { isStructure, type Member, type StructureShape } from './shape.ts'

export interface ServiceOptions {
  /** SigV4 signing name: `monitoring`, `logs`, `ec2`, … Requests are routed by it first. */
  readonly signingName: string
  /** The SDK module (`import * as sdk`), or a loader (`() => import('@aws-sdk/client-ec2')`) called once, at first use. */
  readonly sdk: object | (() => Promise<object>)
  /** The SDK's client class, or its export name where the module is loaded later (`'EC2Client'`). */
  readonly client: (new (config: never) => object) | string
  /** API version, for a later loaded service that must also answer forms without credentials. */
  readonly version?: string
  /** The name in X-Amz-Target and in RPC paths, for the same purpose in JSON and CBOR: `Logs_20140328`. */
  readonly target?: string
  /** Whether a value outside a modelled enum is refused here (`check`) or left to the service's own rules (default). */
  readonly enums?: 'check' | 'ignore'
  /** Default: `parameter` where the SDK speaks Query, `constraint` with ValidationException where it speaks JSON. */
  readonly refusals?: RefusalWording
}

/** What a client says about its protocol; the same for every SDK client of this generation. */
interface ProtocolSettings {
  readonly defaultNamespace: string
  readonly xmlNamespace?: string
  readonly version: string
  readonly serviceTarget: string
  readonly awsQueryCompatible?: boolean
}

const OPERATION = 9
const ERROR = -3

export function describeService(options: ServiceOptions): ServiceModel {
  const known = isLoader(options.sdk) ? undefined : protocolOf(options, options.sdk).settings
  let loading: Promise<LoadedService> | undefined
  return {
    signingName: options.signingName,
    version: options.version ?? known?.version,
    target: options.target ?? known?.serviceTarget,
    load: () => (loading ??= loadService(options)),
  }
}

async function loadService(options: ServiceOptions): Promise<LoadedService> {
  const sdk = isLoader(options.sdk) ? await options.sdk() : options.sdk
  const overlay = await loadOverlay(options.signingName)
  const read = createShapeReader(overlay)
  const { settings, form, json } = protocolOf(options, sdk)
  refuseMistakes(options, settings)
  const errors = readErrors(sdk, read)
  return {
    signingName: options.signingName,
    version: settings.version,
    target: settings.serviceTarget,
    namespace: settings.defaultNamespace,
    xmlNamespace: settings.xmlNamespace ?? '',
    form,
    queryCompatible: settings.awsQueryCompatible === true,
    refusals:
      options.refusals ?? (json ? { style: 'constraint', code: 'ValidationException' } : { style: 'parameter' }),
    checksEnums: options.enums === 'check',
    operations: readOperations(sdk, read, overlay),
    errors: new Map(errors.map(error => [error.name, error])),
    errorsByCode: new Map(errors.map(error => [error.code, error])),
  }
}

/** What was said beforehand, to route by, must be what the SDK says; a wrong word would silently route nothing. */
function refuseMistakes(options: ServiceOptions, settings: ProtocolSettings): void {
  const said = [
    [options.version, settings.version],
    [options.target, settings.serviceTarget],
  ] as const
  for (const [given, real] of said) {
    if (given === undefined || given === real) continue
    throw new TypeError(`the SDK of ${options.signingName} says ${real}, not ${given}`)
  }
}

function protocolOf(
  options: ServiceOptions,
  sdk: object,
): { settings: ProtocolSettings; form: FormDialect; json: boolean } {
  const client = typeof options.client === 'string' ? Reflect.get(sdk, options.client) : options.client
  if (typeof client !== 'function')
    throw new TypeError(`no client ${String(options.client)} in the SDK of ${options.signingName}`)
  const credentials = { accessKeyId: 'unused', secretAccessKey: 'unused' }
  const { config } = Reflect.construct(client, [{ region: 'us-east-1', credentials }]) as {
    config: { protocolSettings: ProtocolSettings; protocol: { getShapeId(): string } }
  }
  const protocol = config.protocol.getShapeId()
  const settings = config.protocolSettings
  const json = !protocol.endsWith('#awsQuery') && !protocol.endsWith('#ec2Query')
  const form = protocol.endsWith('#ec2Query') ? 'ec2' : !json || settings.awsQueryCompatible ? 'query' : undefined
  return { settings, form, json }
}

/** Each operation as `[9, namespace, name, traits, input, output]`. */
function readOperations(
  sdk: object,
  read: ShapeReader,
  overlay: Overlay | undefined,
): ReadonlyMap<string, OperationModel> {
  const operations = schemasOf(sdk, OPERATION).map(schema => {
    const name = String(schema[2])
    return {
      name,
      errors: overlay?.errors[name] ?? [],
      get input() {
        return read(schema[4])
      },
      get output() {
        return read(schema[5])
      },
    }
  })
  return new Map(operations.map(operation => [operation.name, operation]))
}

interface ErrorTraits {
  readonly awsQueryError?: readonly [code: string, status: number]
  readonly httpError?: number
  readonly error?: 'client' | 'server'
}

/** Each error as `[-3, namespace, name, traits, …]`; the SDK's own base class is among them and is left out. */
function readErrors(sdk: object, read: ShapeReader): readonly ErrorModel[] {
  return schemasOf(sdk, ERROR)
    .filter(schema => !String(schema[1]).startsWith('smithy.ts.sdk.synthetic'))
    .map(schema => {
      const name = String(schema[2])
      const traits = (typeof schema[3] === 'object' ? schema[3] : {}) as ErrorTraits
      const fault = traits.error ?? 'client'
      const status = traits.httpError ?? traits.awsQueryError?.[1] ?? (fault === 'server' ? 500 : 400)
      const shape = read(schema)
      if (!isStructure(shape)) throw new TypeError(`the error ${name} is not a structure`)
      const code = traits.awsQueryError?.[0] ?? name
      return { name, code, status, fault, shape, ...partsOf(shape) }
    })
}

function partsOf(shape: StructureShape): Pick<ErrorModel, 'messageName' | 'details'> {
  const isMessage = (member: Member) => member.name.toLowerCase() === 'message'
  const members = shape.members.filter(member => !isMessage(member))
  return {
    messageName: shape.members.find(isMessage)?.name ?? 'message',
    details: members.length > 0 ? { ...shape, members } : undefined,
  }
}

function schemasOf(sdk: object, kind: number): readonly (readonly unknown[])[] {
  return Object.entries(sdk)
    .filter(([name, value]) => name.endsWith('$') && Array.isArray(value) && value[0] === kind)
    .map(([, value]) => value as readonly unknown[])
}

function isLoader(sdk: ServiceOptions['sdk']): sdk is () => Promise<object> {
  return typeof sdk === 'function'
}
