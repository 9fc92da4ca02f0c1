import { toListOf, toText } from '../convert/convert.ts'
import type { Value } from '../value.ts'
import { makeSecret } from '../value/secret.ts'
import { sprintf } from './format/sprintf.ts'
import { anyValue, native, type Parameter, variadic } from './native-function.ts'
import { revealed } from './revealed.ts'

const texts: Parameter<readonly string[]> = (value) => toListOf(value, toText)

export const stringFunctions = [
  variadic('string.format', [toText], anyValue, ([spec], args) => format(spec, args)),
  native('string.join', [texts, toText], (parts, separator) => parts.join(separator)),
  native('string.replace', [toText, toText, toText], replaceAll),
  native('string.split', [toText, toText], (text, separator) => (separator === '' ? [...text] : text.split(separator))),
  native('string.to_lower', [toText], (text) => mapCase(text, toLower)),
  native('string.to_upper', [toText], (text) => mapCase(text, toUpper)),
  native('string.trim', [toText, toText], trim),
  native('string.trim_prefix', [toText, toText], (text, prefix) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  native('string.trim_suffix', [toText, toText], (text, suffix) =>
    text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
  ),
  native('string.trim_space', [toText], (text) => text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '')),
]

/** A text with a secret in it is a secret: it fits where secrets do, and cannot leak where they do not. */
function format(spec: string, args: readonly Value[]): Value {
  const { value, secret } = revealed(args)
  const text = sprintf(spec, value)
  return secret ? makeSecret(text) : text
}

/** The empty string stands before each character and at the end. */
function replaceAll(text: string, from: string, to: string): string {
  return from === '' ? to + [...text].map((character) => character + to).join('') : text.split(from).join(to)
}

function trim(text: string, cutset: string): string {
  const cut = new Set(cutset)
  const characters = [...text]
  let start = 0
  let end = characters.length
  while (start < end && cut.has(characters[start]!)) start++
  while (end > start && cut.has(characters[end - 1]!)) end--
  return characters.slice(start, end).join('')
}

/** Character by character, as Go does: one that would become several stays as it is, and nothing depends on context. */
function mapCase(text: string, map: (character: string) => string): string {
  return Array.from(text, (character) => {
    const mapped = map(character)
    return [...mapped].length === 1 ? mapped : character
  }).join('')
}

const toLower = (character: string): string => (character === 'İ' ? 'i' : character.toLowerCase())
const toUpper = (character: string): string => character.toUpperCase()
