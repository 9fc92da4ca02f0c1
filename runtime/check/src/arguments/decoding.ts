import { type Code, diagnose, type Diagnostic, type Expression, literalSpan, type Span } from '@ingot/syntax'
import type { EvaluatedAttribute } from '@ingot/graph'
import type { ArgumentPath, OutputBinding } from '../frame.ts'
import type { SchemaReader } from '../schema.ts'
import type { Stability } from '../stability.ts'

/** Where a value stands. */
export interface ValuePlace {
  /** For messages: `loki.write`, `endpoint of loki.write`. */
  readonly owner: string
  /** For messages: `labels.app`, `regexes[2]`. */
  readonly name: string
  readonly path: ArgumentPath
  /** What to underline, and where parts of the value are written, if they are. */
  readonly expression: Expression
  /** The content is not known yet, only its type. */
  readonly provisional: boolean
}

/** What is needed to tell what is legal and surely not meant. */
export interface Advice {
  /** Where in the attribute a secret is made readable, as far as types show it. */
  revealed(attribute: EvaluatedAttribute): Span | undefined
  /** An environment variable that an expression reads and that is not set here. */
  unsetVariable(expression: Expression): string | undefined
}

export interface DecodeOptions {
  /** The least stable level that may be used; everything where absent. */
  readonly stability?: Stability
  /** Whether to tell also what is legal and surely not meant. */
  readonly advice?: Advice | undefined
}

/** What one decoding gathers beside the values. */
export class Decoding {
  readonly reader: SchemaReader
  readonly stability: Stability
  readonly advice: Advice | undefined
  readonly file: string
  readonly diagnostics: Diagnostic[] = []
  readonly outputs: OutputBinding[] = []
  readonly secrets: ArgumentPath[] = []
  /** A value was not taken for a content that is not known yet. */
  waiting = false

  constructor(reader: SchemaReader, file: string, options: DecodeOptions = {}) {
    this.reader = reader
    this.file = file
    this.stability = options.stability ?? 'experimental'
    this.advice = options.advice
  }

  /** For an attempt that may come to nothing: {@link adopt} it if it holds. @param reader of another document */
  attempt(reader: SchemaReader = this.reader): Decoding {
    return new Decoding(reader, this.file, this)
  }

  adopt({ diagnostics, outputs, secrets, waiting }: Decoding): void {
    this.waiting ||= waiting
    this.diagnostics.push(...diagnostics)
    this.outputs.push(...outputs)
    this.secrets.push(...secrets)
  }

  report(code: Code, span: Span, message: string, values: Readonly<Record<string, string | undefined>> = {}): void {
    this.diagnostics.push(diagnose(code, { file: this.file, span }, message, values))
  }

  /**
   * A value that its place does not take: `reason` says what was found and wanted.
   * @param part of the value's text that is at fault
   */
  refuse(
    code: 'wrong-type' | 'invalid-value',
    at: ValuePlace,
    reason: string,
    advice?: string,
    part?: Span,
  ): undefined {
    if (code === 'invalid-value' && at.provisional) {
      this.waiting = true
      return
    }
    const span = part ? literalSpan(at.expression, part) : at.expression.span
    const message = `Cannot set "${at.name}" on ${at.owner}: ${reason}`
    const variable = code === 'invalid-value' ? this.advice?.unsetVariable(at.expression) : undefined
    if (variable === undefined) {
      this.report(code, span, message, { advice })
      return
    }
    this.waiting = true
    const place = { file: this.file, span: at.expression.span }
    const setting = `set the environment variable "${variable}" where the collector runs: here it is not set`
    this.diagnostics.push({ ...diagnose(code, place, message, { advice: setting }), severity: 'warning' })
  }
}

/** The place of an element of an array. */
export function elementPlace(at: ValuePlace, index: number): ValuePlace {
  const expression = unwrapped(at.expression)
  const written = expression.kind === 'array' ? expression.elements[index] : undefined
  return {
    ...at,
    name: `${at.name}[${index}]`,
    path: [...at.path, index],
    expression: written ?? at.expression,
  }
}

/** The place of a field of an object. */
export function fieldPlace(at: ValuePlace, key: string): ValuePlace {
  const expression = unwrapped(at.expression)
  const written = expression.kind === 'object' ? expression.fields.findLast(({ name }) => name === key) : undefined
  return {
    ...at,
    name: `${at.name}.${key}`,
    path: [...at.path, key],
    expression: written?.value ?? at.expression,
  }
}

/** Where the name of a field is written. */
export function fieldNameSpan(at: ValuePlace, key: string): Span {
  const expression = unwrapped(at.expression)
  const written = expression.kind === 'object' ? expression.fields.findLast(({ name }) => name === key) : undefined
  return written?.nameSpan ?? at.expression.span
}

function unwrapped(expression: Expression): Expression {
  let at = expression
  while (at.kind === 'paren') at = at.inner
  return at
}
