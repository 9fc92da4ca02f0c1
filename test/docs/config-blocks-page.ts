import { languageArguments, languageDocs } from '../../runtime/editor/src/names/language-arguments.ts'
import { configBlockSchemas } from '../../runtime/engine/src/control/config-blocks.ts'
import { code, generatedNote, page, table } from './markdown.ts'
import { schemaSection } from './schema-section.ts'

/** The blocks that configure the collector itself. */
export function configBlocksPage(): string {
  return page(
    generatedNote,
    '# Configuration blocks',
    'Blocks that configure the collector itself, beside the [components](components/README.md). They may stand only at the root of a configuration, the imports also in modules.',
    ...Object.entries(configBlockSchemas).map(([name, schema]) => page(`## ${code(name)}`, schemaSection(schema))),
    '## Blocks that make up modules',
    'They stand wherever components do: `argument` and `export` inside of a `declare` or a `template` alone. A `foreach` needs `--stability.level=experimental`.',
    ...['declare', ...Object.keys(languageArguments)].map(languageSection),
  )
}

function languageSection(name: string): string {
  const rows = (languageArguments[name] ?? []).map(({ name: argument, type, required, docs }) => {
    return [code(argument), type, required ? 'required' : '', docs]
  })
  const head = `### ${code(name)}`
  return page(head, languageDocs[name]!, table(['Name', 'Type', '', 'What it is'], rows))
}
