import { describeSchema, type BlockDescription, type FieldDescription, type JsonSchema } from '@ingot/manifest'
import { isAbsent } from './absent.ts'
import { code, page, table } from './markdown.ts'

/** The arguments and blocks of a schema as headings and tables. */
export function schemaSection(schema: JsonSchema): string {
  const { fields, blocks } = describeSchema(schema)
  if (fields.length === 0 && blocks.length === 0) return 'It takes no arguments.'
  const distinct = withoutRepeats(blocks)
  const absent = distinct.filter(({ docs }) => isAbsent(docs))
  const shown = distinct.filter(({ path }) => !absent.some((block) => path.startsWith(block.path)))
  return page(
    fieldTable(fields),
    shown.length === 0 ? '' : '### Blocks',
    blockTable(shown),
    ...recursiveBlocks(blocks).map((path) => `In ${code(path)} the blocks beside it may stand as well.`),
    absentSentence(absent),
    ...shown.filter(({ fields: inner }) => inner.length > 0).map((block) => blockSection(block)),
  )
}

function fieldTable(fields: readonly FieldDescription[]): string {
  const sorted = [...fields].sort((a, b) => Number(b.required) - Number(a.required))
  return table(
    ['Argument', 'Type', 'Default', 'Description'],
    sorted.map(({ name, type, required, default: fallback, docs }) => [
      code(name),
      type,
      required ? '**required**' : fallback === undefined ? '' : code(fallback),
      docs,
    ]),
  )
}

function blockTable(blocks: readonly BlockDescription[]): string {
  return table(
    ['Block', 'How often', 'Description'],
    blocks.map(({ path, required, repeatable, docs }) => [code(path), howOften(required, repeatable), docs]),
  )
}

function howOften(required: boolean, repeatable: boolean): string {
  if (repeatable) return required ? 'one or more' : 'any number'
  return required ? 'one' : 'at most one'
}

function blockSection({ path, fields }: BlockDescription): string {
  return page(`#### ${code(path)}`, fieldTable(fields))
}

function absentSentence(absent: readonly BlockDescription[]): string {
  if (absent.length === 0) return ''
  return `Known from Alloy but not there yet, so that the component does not start with one: ${absent.map(({ path }) => code(path)).join(', ')}.`
}

/** A block that may hold its own siblings (a stage in a match of stages) is shown once, at the outermost place. */
function withoutRepeats(blocks: readonly BlockDescription[]): readonly BlockDescription[] {
  const byPath = new Map(blocks.map((block) => [block.path, block]))
  return blocks.filter((block) => {
    const steps = block.path.split(' > ')
    if (new Set(steps).size < steps.length) return false
    const outer = steps.slice(0, -1).map((_, depth) => [...steps.slice(0, depth), steps.at(-1)!].join(' > '))
    return !outer.some((path) => sameFields(byPath.get(path), block))
  })
}

/** `stage.match` for `stage.match > stage.match`: blocks that may hold themselves. */
function recursiveBlocks(blocks: readonly BlockDescription[]): readonly string[] {
  return blocks.flatMap(({ path }) => {
    const steps = path.split(' > ')
    const [inner, outer] = [steps.at(-1), steps.at(-2)]
    return inner === outer && new Set(steps).size === steps.length - 1 ? [steps.slice(0, -1).join(' > ')] : []
  })
}

function sameFields(a: BlockDescription | undefined, b: BlockDescription): boolean {
  return a !== undefined && JSON.stringify([a.docs, a.fields]) === JSON.stringify([b.docs, b.fields])
}
