import { configBlockSchemas } from '../../runtime/engine/src/control/config-blocks.ts'
import { code, generatedNote, page } from './markdown.ts'
import { schemaSection } from './schema-section.ts'

/** The blocks that configure the collector itself. */
export function configBlocksPage(): string {
  return page(
    generatedNote,
    '# Configuration blocks',
    'Blocks that configure the collector itself, beside the [components](components/README.md). They may stand only at the root of a configuration, the imports also in modules.',
    ...Object.entries(configBlockSchemas).map(([name, schema]) => page(`## ${code(name)}`, schemaSection(schema))),
  )
}
