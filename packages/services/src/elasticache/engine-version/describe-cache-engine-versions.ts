/** The engine versions that customers may ask for, from the catalog; what is installed decides only what can be made. */
import { describeEngineVersions } from '@hotshelf/domain'
import { pageByMarker } from '@hotshelf/wire'
import type { Operation } from '../operation.ts'

export const describeCacheEngineVersions: Operation<'DescribeCacheEngineVersions'> = (input, _call) => {
  const versions = describeEngineVersions({
    engine: input.Engine,
    version: input.EngineVersion,
    family: input.CacheParameterGroupFamily,
    defaultOnly: input.DefaultOnly,
  })
  const { items, Marker } = pageByMarker(versions, input, { keyOf: ({ engine, version }) => `${engine} ${version}` })
  return {
    CacheEngineVersions: items.map(version => ({
      Engine: version.engine,
      EngineVersion: version.version,
      CacheParameterGroupFamily: version.family,
      CacheEngineDescription: version.engineDescription,
      CacheEngineVersionDescription: version.description,
    })),
    Marker,
  }
}
