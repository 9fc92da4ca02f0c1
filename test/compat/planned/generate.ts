/** `npm run planned`: compiles the facts about Alloy into the manifests that `ingot validate` reads. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compilePlanned, plannedPath } from './compile-planned.ts'
import { referenceFacts } from './reference-facts.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const text = compilePlanned(referenceFacts(root))
writeFileSync(join(root, plannedPath), text)
process.stdout.write(`${plannedPath}: ${text.length} characters\n`)
