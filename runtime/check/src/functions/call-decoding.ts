import type { Diagnostic, Expression } from '@ingot/syntax'
import { Decoding, type ValuePlace } from '../arguments/decoding.ts'
import type { SchemaReader } from '../schema.ts'
import type { Stability } from '../stability.ts'

/** One value of a call. Who reports its mistakes knows where it stands and what is called: they need the reason alone. */
export class CallDecoding extends Decoding {
  readonly #subject: (at: ValuePlace) => string
  readonly #reasons: WeakMap<Diagnostic, string>

  /** @param subject what a value of some place is called */
  constructor(
    reader: SchemaReader,
    stability: Stability,
    subject: (at: ValuePlace) => string,
    reasons = new WeakMap<Diagnostic, string>(),
  ) {
    super(reader, '', { stability })
    this.#subject = subject
    this.#reasons = reasons
  }

  override attempt(reader: SchemaReader = this.reader): Decoding {
    return new CallDecoding(reader, this.stability, this.#subject, this.#reasons)
  }

  override refuse(code: 'wrong-type' | 'invalid-value', at: ValuePlace, reason: string, advice?: string): undefined {
    const known = this.diagnostics.length
    super.refuse(code, at, reason, advice)
    const told = this.diagnostics[known]
    if (told) this.#reasons.set(told, `${this.#subject(at)}: ${reason}`)
  }

  reasonOf(diagnostic: Diagnostic): string {
    return this.#reasons.get(diagnostic) ?? diagnostic.message
  }
}

/** Where a value stands that is not written anywhere. */
export function placeOf(name: string, owner: string, provisional: boolean): ValuePlace {
  return { owner, name, path: [], expression: nowhere, provisional }
}

const nowhere: Expression = { kind: 'literal', value: null, raw: 'null', span: { start: 0, end: 0 } }
