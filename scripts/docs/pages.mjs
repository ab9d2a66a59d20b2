/** Every document that is written from the code: where it stands, and what it should say now. */
import { coveragePage } from './coverage.mjs'
import { rulesPage } from './rules.mjs'

export const generatedPages = async () => [await coveragePage(), rulesPage()]
