import type { Hover } from 'vscode-languageserver'
import { MarkupKind } from 'vscode-languageserver'
import { argumentDocs } from '../complete/argument-proposals.ts'
import { signatureText } from '@ingot/manifest'
import type { EditorComponent, EditorFunction } from '../host.ts'
import { type Argument, argumentsOf } from '../names/arguments.ts'
import { exportsOf, type Field, fieldsOf } from '../names/fields.ts'
import type { FileSet } from '../names/file-set.ts'
import { functionDocs } from '../names/function-docs.ts'
import { languageDocs } from '../names/language-arguments.ts'
import type { Names } from '../names/resolve.ts'
import { idOf, nameOf } from '../source/scope-part.ts'
import type { Source } from '../source/source.ts'
import type { LabelSymbol, NameSymbol } from './symbol.ts'
import { symbolAt } from './symbol-at.ts'

/** Type, default and documentation of what stands at an offset. */
export function hover(names: Names, set: FileSet, source: Source, offset: number): Hover | undefined {
  const found = symbolAt(names, set, source, offset)
  const value = found && describe(names, found.symbol)
  return value === undefined
    ? undefined
    : { contents: { kind: MarkupKind.Markdown, value }, range: source.range(found!.span) }
}

function describe(names: Names, symbol: NameSymbol): string | undefined {
  switch (symbol.kind) {
    case 'component':
      return componentText(symbol.component)
    case 'field':
      return fieldText(symbol.field)
    case 'given':
      return argumentText(symbol.argument)
    case 'function': {
      const known = functionDocs[symbol.name]
      return known && paragraphs(code(known.signature), known.docs)
    }
    case 'called':
      return calledText(symbol.called, symbol.namespace)
    case 'language':
      return paragraphs(code(symbol.name), languageDocs[symbol.name] ?? '')
    default:
      return labelSymbolText(names, symbol)
  }
}

function labelSymbolText(names: Names, { kind, name, place, block }: LabelSymbol): string {
  if (kind === 'declare') {
    const inner = { set: place.set, part: place.part.declares.get(name) ?? place.part }
    const given = argumentsOf(names, place, [name]).map((each) => `\t${each.name} = ${each.default ?? '…'}`)
    const exported = inner.part.blocks.filter((each) => nameOf(each) === 'export' && each.label)
    const exports = exported.map((each) => `\`${each.label!.text}\``).join(', ')
    return paragraphs(code([`declare "${name}" {`, ...given, '}'].join('\n')), exports && `Exports: ${exports}`)
  }
  if (kind === 'argument') {
    const { statements } = block.body
    const comment = statements.find((each) => each.kind === 'attribute' && each.name.text === 'comment')
    const docs = comment?.kind === 'attribute' && comment.value.kind === 'literal' ? String(comment.value.value) : ''
    return paragraphs(code(`argument "${name}"`), docs)
  }
  if (kind === 'item') return paragraphs(code(name), 'The item that the template is instantiated for.')
  const meaning = names.meaning(place, nameOf(block))
  const summary = meaning?.kind === 'component' ? meaning.component.summary : (languageDocs[nameOf(block)] ?? '')
  const fields = fieldsOf(names, place, block).map((field) => `- \`${field.name}\`: ${field.type}`)
  return paragraphs(code(idOf(block)), summary, fields.length > 0 ? `Exports:\n${fields.join('\n')}` : '')
}

function calledText(called: EditorFunction, namespace: string): string {
  const { summary, docs = '', parameters, result, stability } = called
  const given = parameters.map(({ name, schema }) => `- \`${name}\`: ${String(schema['description'] ?? '')}`)
  const gives = typeof result['description'] === 'string' ? `Gives: ${result['description']}` : ''
  const signature = code(`${namespace}.${signatureText(called)}`)
  return paragraphs(signature, summary, docs, given.join('\n'), gives, `Stability: ${stability}`)
}

function componentText(component: EditorComponent): string {
  const { name, summary, docs, stability } = component
  const fields = exportsOf(component).map((field) => `- \`${field.name}\`: ${field.type}`)
  const exports = fields.length > 0 ? `Exports:\n${fields.join('\n')}` : ''
  return paragraphs(code(name), summary, docs === summary ? '' : (docs ?? ''), exports, `Stability: ${stability}`)
}

function fieldText({ name, type, docs }: Field): string {
  return paragraphs(code(`${name}: ${type}`), docs)
}

function argumentText(argument: Argument): string {
  const { name, type, required } = argument
  return paragraphs(code(`${name}: ${type}`), required ? 'Required.' : '', argumentDocs(argument))
}

function code(text: string): string {
  return `\`\`\`alloy-config\n${text}\n\`\`\``
}

function paragraphs(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n')
}
