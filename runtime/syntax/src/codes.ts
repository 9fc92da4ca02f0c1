/**
 * Every code that a diagnostic can carry: what it means, and the hint that is printed with it. A hint with a `{name}` in
 * it is printed only when the place that found the mistake gives that name. `docs/reference/errors.md` is made from this
 * table.
 */
export interface CodeEntry {
  readonly meaning: string
  readonly hint?: string
  /** `error` where absent. */
  readonly severity?: 'warning'
}

export type Code = keyof typeof codes

export const codes = {
  // Characters and tokens
  'invalid-encoding': {
    meaning: 'The file is not text in UTF-8 (or in UTF-16 or UTF-32 with a byte order mark).',
    hint: 'save the file as UTF-8',
  },
  'illegal-character': {
    meaning: 'A character that the language does not use stands outside of strings and comments.',
    hint: '{advice}',
  },
  'illegal-quote': { meaning: 'Text is in single quotes.', hint: 'use double quotes, or backticks for raw text' },
  'unterminated-string': {
    meaning: 'A string has no closing quote.',
    hint: 'close the string on its line, or use backticks for text of several lines',
  },
  'unterminated-comment': { meaning: 'A comment that began with /* has no */.', hint: 'close the comment with */' },
  'invalid-escape': {
    meaning: 'A backslash in a string is not followed by a known escape.',
    hint: 'write \\\\ for a backslash, or put the text in backticks, where backslashes mean nothing',
  },
  'invalid-number': { meaning: 'A number is incomplete or too large for a 64-bit float.' },

  // Grammar
  'unexpected-token': { meaning: 'Something else stands where the grammar wants a certain token.', hint: '{advice}' },
  'missing-comma': {
    meaning: 'A list, object or call goes on after a line that does not end in a comma.',
    hint: 'put a comma at the end of the line; in a list of several lines the last element needs one too',
  },
  'unclosed-block': { meaning: 'A block has no closing brace.', hint: '{advice}' },
  'invalid-label': {
    meaning: 'The label of a block is not an identifier in double quotes.',
    hint: 'use letters, digits and underscores, and start with a letter or an underscore',
  },
  'invalid-attribute-name': {
    meaning: 'An attribute has a dotted name or a label, as only blocks may.',
    hint: 'write an attribute as name = value, a block as name "label" { … }',
  },
  'block-as-value': {
    meaning: 'A block stands where a value is wanted.',
    hint: 'leave out the "=" to write a block, or write an object as { key = value }',
  },
  'too-deep': {
    meaning: 'Expressions or blocks are nested deeper than the parser allows.',
    hint: 'take the inner part out',
  },
  'top-level-attribute': {
    meaning: 'An attribute stands outside of all blocks.',
    hint: 'attributes belong into blocks: a file holds only blocks',
  },

  // Blocks and arguments
  'unknown-component': {
    meaning: 'No component, config block or imported module has this name.',
    hint: 'did you mean "{nearest}"?',
  },
  'unknown-argument': {
    meaning: 'The component or block has no argument of this name.',
    hint: 'did you mean "{nearest}"?',
  },
  'unknown-block': {
    meaning: 'The component or block has no inner block of this name.',
    hint: 'did you mean "{nearest}"?',
  },
  'missing-argument': { meaning: 'A required argument is absent.', hint: 'add {example}' },
  'missing-block': { meaning: 'A required inner block is absent.', hint: 'add {example}' },
  'duplicate-argument': { meaning: 'An argument is given twice in one block.', hint: 'keep one of the two' },
  'duplicate-block': {
    meaning: 'A block that may stand only once stands twice, or two blocks have the same name and label.',
    hint: '{advice}',
  },
  'block-given-as-argument': {
    meaning: 'A block is written as an attribute.',
    hint: 'write "{name} { … }" without the "="',
  },
  'argument-given-as-block': { meaning: 'An attribute is written as a block.', hint: 'write "{name} = …"' },
  'missing-label': { meaning: 'A block that needs a label has none.', hint: 'write {name} "label" { … }' },
  'unexpected-label': { meaning: 'A block that takes no label has one.', hint: 'remove the label' },
  'misplaced-block': { meaning: 'A block stands where blocks of its kind are not allowed.', hint: '{advice}' },
  'wrong-type': { meaning: 'A value has another type than the place wants.', hint: '{advice}' },
  'wrong-port-type': {
    meaning: 'A receiver is connected to an output that carries another signal.',
    hint: '{advice}',
  },
  'invalid-value': { meaning: 'A value has the right type but is not one that the place accepts.', hint: '{advice}' },
  'conflicting-arguments': {
    meaning: 'Arguments or blocks are given together that exclude each other.',
    hint: 'keep one of them',
  },
  'unstable-feature': {
    meaning: 'A component, block, argument or function is less stable than the collector was started to allow.',
    hint: 'start with --stability.level={level} to allow it',
  },
  'not-yet-available': {
    meaning: 'Alloy has this component, block or argument; this version of Ingot does not.',
    hint: 'docs/reference/compatibility.md lists what is there',
  },
  'community-component': {
    meaning: 'A component that the community maintains is used, and such components are not allowed.',
    hint: 'start with --feature.community-components.enabled to allow it',
  },

  // Legal, and surely not meant: told by `ingot validate` and the editor
  'unused-component': {
    meaning: 'A component does nothing: nothing sends to it or reads what it exports, or it sends to nothing.',
    hint: '{advice}',
    severity: 'warning',
  },
  'unused-import': {
    meaning: 'No block uses a component of the import.',
    hint: 'remove the import',
    severity: 'warning',
  },
  'argument-at-default': {
    meaning: 'An argument is written out with the value that it has anyway.',
    hint: 'leave it out',
    severity: 'warning',
  },
  'doubtful-value': {
    meaning: 'A value is legal, and surely does something else than what is meant.',
    hint: '{advice}',
    severity: 'warning',
  },
  'revealed-secret': {
    meaning: 'A secret is made readable where logs, pages and the API can show it.',
    hint: 'put it where a secret is taken, without convert.nonsensitive()',
    severity: 'warning',
  },
  'deprecated-component': {
    meaning: 'The component is kept only for old configurations.',
    hint: 'see its reference page for what to use',
    severity: 'warning',
  },
  'deprecated-argument': {
    meaning: 'The argument or block is kept only for old configurations.',
    hint: 'see the reference page of the component for what to use',
    severity: 'warning',
  },

  // References and the graph
  'missing-reference': {
    meaning: 'A reference names something that does not exist or is out of scope.',
    hint: 'did you mean "{nearest}"?',
  },
  cycle: {
    meaning: 'Components refer to each other in a circle, or one refers to itself.',
    hint: 'break the circle: {circle}',
  },
  'shadowed-function': {
    meaning: 'A component name hides a name of the standard library.',
    severity: 'warning',
  },
  'deprecated-function': {
    meaning: 'A function is called by a name that is kept only for old configurations.',
    hint: 'use {replacement}',
    severity: 'warning',
  },

  // Evaluation
  'missing-field': { meaning: 'An object has no field of this name.', hint: 'did you mean "{nearest}"?' },
  'invalid-operand': { meaning: 'An operator is given a value that it does not work on.', hint: '{advice}' },
  'division-by-zero': { meaning: 'A number is divided by zero.' },
  'index-out-of-range': { meaning: 'An index is negative or not less than the length of the array.' },
  'not-a-function': { meaning: 'Something that is not a function is called.', hint: 'did you mean "{nearest}"?' },
  'wrong-argument-count': { meaning: 'A function is called with too few or too many arguments.' },
  'invalid-argument': { meaning: 'A function is given an argument that it does not accept.', hint: '{advice}' },
  'secret-argument': {
    meaning: 'A secret is given to a function of a module that may not see it.',
    hint: 'a function may take secrets if it declares so and a key that you trust has signed its module; its result is secret then',
  },
  'function-failed': { meaning: 'A function could not do its work with the arguments that it was given.' },

  // Modules
  'unresolved-module': {
    meaning: 'A module cannot be found in the lockfile, the cache or any source.',
    hint: '{advice}',
  },
  'failed-import': { meaning: 'What an import names cannot be fetched from where it is, or is not there.' },
  'lock-mismatch': {
    meaning: 'The lockfile and the configuration, or what it imports, disagree.',
    hint: 'run "{command}" and review the change',
  },
  'revoked-module': {
    meaning: 'A pinned module was vouched for by a key that its registry has revoked since.',
    hint: 'run "ingot module audit" and pin a version that is vouched for',
    severity: 'warning',
  },
  'missing-grant': { meaning: 'A module needs a power that the configuration does not grant.', hint: 'add {block}' },
  'unreadable-file': { meaning: 'A configuration file cannot be read.' },
} as const satisfies Record<string, CodeEntry>
