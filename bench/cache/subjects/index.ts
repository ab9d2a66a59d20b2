/** Everything that is measured, in the order of the table. */
import { cacheSubjects } from './caches.ts'
import { hotshelfSubjects } from './hotshelf.ts'
import { layeredLoaderSubjects } from './layered-loader.ts'
import { recipeSubjects } from './recipes.ts'
import type { Feature, Subject } from './subject.ts'

const features: readonly Feature[] = ['hit', 'hit-memory', 'hit-tags', 'get-many', 'limit', 'lock']
const all = [...hotshelfSubjects, ...layeredLoaderSubjects, ...cacheSubjects, ...recipeSubjects]

export const subjects: readonly Subject[] = features.flatMap(feature => all.filter(one => one.feature === feature))
