import { findAt } from '../source/find-at.ts'
import { nameOf, partAt } from '../source/scope-part.ts'
import { indentation, insertIntoBody } from './add-missing.ts'
import type { Fix, Mistake } from './fix.ts'

/**
 * The hint says what to grant: `add grant { fs_read = ["/etc"] } to its import.module`. A grant is a decision of who
 * writes the configuration: it is offered, and never made together with other fixes.
 */
export function addGrant({ names, set, source, span, hint }: Mistake): Fix | undefined {
  const line = /^add grant \{ (.+) \} to its import\.module$/.exec(hint)?.[1]
  const { blocks } = findAt(source.parsed.file.body, span.start)
  const place = { set, part: partAt(source.root, span.start) }
  const meaning = blocks.length > 0 ? names.meaning(place, nameOf(blocks.at(-1)!)) : undefined
  const imported = meaning?.kind === 'component' ? meaning.importedBy : undefined
  if (line === undefined || !imported) return undefined
  const { block } = imported
  const file = imported.part.source
  const indent = `${indentation(file.text, block.head.start)}\t`
  const given = block.body.statements.find((each) => each.kind === 'block' && nameOf(each) === 'grant')
  const edit =
    given?.kind === 'block'
      ? insertIntoBody(file, given, `${indent}\t${line}\n`)
      : insertIntoBody(file, block, `${indent}grant {\n${indent}\t${line}\n${indent}}\n`)
  return {
    title: `Grant ${line} to ${nameOf(block)} "${block.label!.text}"`,
    edits: [edit],
    source: file,
    needsLook: true,
  }
}
