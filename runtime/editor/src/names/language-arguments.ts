import type { Argument } from './arguments.ts'

const attribute = (name: string, type: string, required: boolean, docs: string): Argument => {
  return { name, kind: 'attribute', repeatable: false, required, type, docs }
}

/** Arguments of the blocks that make up modules. */
export const languageArguments: Readonly<Record<string, readonly Argument[]>> = {
  argument: [
    attribute('optional', 'bool', false, 'Whether an instance may leave it out.'),
    attribute('default', 'any', false, 'The value of an optional argument that is left out.'),
    attribute('comment', 'string', false, 'What the argument is for.'),
  ],
  export: [attribute('value', 'any', true, 'What others read of the instance.')],
  foreach: [
    attribute('collection', 'list(any)', true, 'The items: the template is instantiated once for each.'),
    attribute('var', 'string', true, 'The name that the template sees its item by.'),
    attribute('id', 'string', false, 'The field of an item that tells it from others.'),
    attribute('hash_string_id', 'bool', false, 'Whether ids are hashed rather than cleaned.'),
    attribute('enable_metrics', 'bool', false, 'Whether the components inside report metrics.'),
    { name: 'template', kind: 'block', repeatable: false, required: true, type: 'block', docs: 'What each item gets.' },
  ],
}

/** What the language's own blocks are for. */
export const languageDocs: Readonly<Record<string, string>> = {
  declare: 'Declares a custom component: its body is instantiated wherever the name is used as a block.',
  argument: 'An argument of the custom component around it, read as `argument.<label>.value`.',
  export: 'A value that the custom component around it offers to others.',
  foreach: 'Instantiates a template once for each item of a list.',
  template: 'The blocks that each item gets.',
  'import.file': 'Custom components from a file or folder, under the label as namespace.',
  'import.string': 'Custom components from text, under the label as namespace.',
  'import.module': 'Components of a module from a registry, under the label as namespace.',
  'import.git': 'Custom components from a git repository, under the label as namespace.',
  'import.http': 'Custom components from a web server, under the label as namespace.',
  logging: "How the collector's own log is written.",
  tracing: "Where the collector's own traces go.",
  http: "TLS and authentication of the collector's HTTP server.",
  ingot: 'Lanes, edges and trust of the collector itself.',
  registry: 'A registry that modules of some scopes come from.',
  livedebugging: 'Whether what flows through components can be watched.',
  remotecfg: 'A server that further configuration comes from.',
}
