import type { LoadedComponent } from '@ingot/loader'
import { code, generatedNote, page, table } from './markdown.ts'

/** The list of first-party components, by module. */
export function componentsIndex(components: readonly LoadedComponent[]): string {
  const modules = [...new Set(components.map(({ module }) => module))].sort()
  return page(
    generatedNote,
    '# Components',
    'The components of the distribution: a configuration uses them by these names, with no import.',
    ...modules.map((module) => {
      const own = components.filter((component) => component.module === module)
      return page(
        `## ${code(`${module}@${own[0]!.version}`)}`,
        table(
          ['Component', 'What it does', 'Stability'],
          own.map(({ name, component }) => [`[${name}](${name}.md)`, component.summary, component.stability]),
        ),
      )
    }),
  )
}
