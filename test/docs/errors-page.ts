import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codes, type CodeEntry } from '@ingot/syntax'
import { code, fence, generatedNote, page } from './markdown.ts'

/** Folders of golden cases, whose printed diagnostics are the examples. */
const goldenFolders = [
  'runtime/syntax/testdata/diagnostics',
  'runtime/syntax/testdata/evaluation',
  'runtime/check/testdata',
  'test/diagnostics/testdata',
]

/** Every code of a diagnostic: what it means, its hint, and one as it is printed. */
export function errorsPage(root: string): string {
  const examples = printedExamples(root)
  return page(
    generatedNote,
    '# Diagnostics',
    `What \`ingot validate\`, \`ingot run\` and a reload print about a configuration: the place, a code, what was found and
wanted, and a way out. All mistakes of a configuration are told at once, and a configuration with an error changes nothing
of what runs.`,
    `What is wrong in the body of a \`declare\` that no block uses, or in the \`template\` of a \`foreach\` that has no items, is a
warning, whatever its code: Alloy does not look into them before they are instantiated, and the configuration runs. Arguments and
items that nobody knows yet fit everywhere. A mistake in a body with several instances is told once; when it comes from
what an instance is given, "created here" shows the instance.`,
    ...Object.entries<CodeEntry>(codes).map(([name, entry]) => section(name, entry, examples.get(name))),
  )
}

function section(name: string, { meaning, hint, severity }: CodeEntry, example: string | undefined): string {
  return page(
    `## ${code(name)}`,
    severity === 'warning' ? `${meaning} A warning: the configuration still holds.` : meaning,
    hint === undefined || hint === '{advice}' ? '' : `Hint: ${hint}`,
    example === undefined ? '' : fence('text', example),
  )
}

/** Code → its first diagnostic among the golden cases. */
function printedExamples(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const folder of goldenFolders) {
    const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.diag.txt'))
    for (const name of names.sort()) {
      const printed = readFileSync(join(root, folder, name), 'utf8')
      for (const each of printed.split(/^(?=\S+:\d+:\d+: (?:error|warning)\[)/m)) {
        const named = /(?:error|warning)\[([a-z-]+)\]/.exec(each)?.[1]
        if (named !== undefined && !found.has(named)) found.set(named, each.trimEnd())
      }
    }
  }
  return found
}
