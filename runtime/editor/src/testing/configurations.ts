import { expand, type Expanded } from '@ingot/graph'
import type { EditorComponent, EditorHost } from '../host.ts'
import { FileSet } from '../names/file-set.ts'
import { Names } from '../names/resolve.ts'
import { Source } from '../source/source.ts'

const receiver = { ingot: { kind: 'receiver', types: ['loki.logs'] }, description: 'Takes entries.' }

/** `c.x` sends to receivers and is one, with an argument of every kind; `c.y` only exports a text. */
const components: ReadonlyMap<string, EditorComponent> = new Map([
  [
    'c.x',
    component(
      'c.x',
      { a: {}, b: {}, forward_to: { ingot: { kind: 'receivers', types: ['loki.logs'] } } },
      { v: {}, receiver },
    ),
  ],
  ['c.y', component('c.y', { a: {}, mode: { enum: ['fast', 'slow'] } }, { v: { type: 'string' } })],
])

function component(name: string, args: object, exports: object): EditorComponent {
  return {
    name,
    summary: `Summary of ${name}.`,
    stability: 'generally-available',
    arguments: { type: 'object', properties: args },
    exports: { type: 'object', properties: exports },
  }
}

const host: EditorHost = {
  components,
  configSchemas: new Map([['logging', { type: 'object', properties: { level: { enum: ['debug', 'info'] } } }]]),
  globals: {},
  files: { list: async () => [], read: async () => undefined },
  checker: { check: async () => ({ diagnostics: [], imports: [] }) },
}

export interface Opened {
  readonly names: Names
  readonly set: FileSet
  readonly sources: readonly Source[]
}

/** Files as the editor has them, `a.alloy`, `b.alloy`, … */
export function opened(...texts: readonly string[]): Opened {
  const sources = texts.map((text, index) => Source.of(`${String.fromCharCode(97 + index)}.alloy`, text))
  return { names: new Names(host), set: new FileSet(() => sources, new Map()), sources }
}

/** The same files as the collector has them. */
export function expanded({ sources }: Opened): Expanded {
  return expand({
    files: sources.map(({ parsed }) => parsed.file),
    modulePath: '/etc',
    components: new Set(components.keys()),
    globals: new Set(['sys', 'string', 'coalesce']),
    imports: new Map(),
  })
}
