import { CapabilityError, type Capability, type CapabilityErrorCode } from '@ingot/sdk'
import { LRUCache } from 'lru-cache'

/** Distinct denied targets that are remembered, so that each is audited once: a module that varies its target cannot flood the log. */
const auditedTargetsMax = 1024
/** Denials that are remembered of each capability, the newest of different targets. */
const denialsMax = 10
/** Characters of a target that reach the audit line. */
const targetCharactersMax = 200

export interface CapabilityCount {
  /** Targets (origins, roots, names) that grants and arguments allow; 1 for a capability that has none. */
  granted: number
  used: number
  denied: number
}

export interface Denial {
  readonly at: string
  readonly target: string
  readonly reason: string
}

export type AuditSink = (message: string, fields: Readonly<Record<string, unknown>>) => void

/** Counts and audits what one component instance does with its capabilities, and words the errors it sees. */
export class Access {
  /** First-party components see whole messages and are allowed broadly; others see only codes. */
  readonly trusted: boolean
  readonly counts: Partial<Record<Capability, CapabilityCount>> = {}
  /** The newest last. */
  readonly denials: Partial<Record<Capability, readonly Denial[]>> = {}
  readonly #audit: AuditSink
  readonly #audited = new LRUCache<string, true>({ max: auditedTargetsMax })

  constructor(options: { readonly trusted: boolean; readonly audit: AuditSink }) {
    this.trusted = options.trusted
    this.#audit = options.audit
  }

  /** Makes the counter of a declared capability. */
  declare(capability: Capability, granted: number): CapabilityCount {
    const count = this.counts[capability] ?? { granted: 0, used: 0, denied: 0 }
    count.granted = granted
    this.counts[capability] = count
    return count
  }

  used(capability: Capability): void {
    const count = this.counts[capability]
    if (count) count.used++
  }

  /** Counts a denial, audits it once per target, and returns the error to throw. `target` must hold no secret. */
  denied(capability: Capability, target: string, reason: string): CapabilityError {
    const count = this.counts[capability]
    if (count) count.denied++
    const shown = target.slice(0, targetCharactersMax)
    const others = (this.denials[capability] ?? []).filter((denial) => denial.target !== shown)
    const denial = { at: new Date().toISOString(), target: shown, reason }
    this.denials[capability] = [...others, denial].slice(-denialsMax)
    const key = `${capability} ${shown}`
    if (!this.#audited.has(key)) {
      this.#audited.set(key, true)
      this.#audit('capability denied', { capability, target: shown, reason })
    }
    return this.error('denied', `Cannot use ${capability} on "${shown}": ${reason}`)
  }

  /** The error of a capability: an untrusted module learns its code and nothing else. */
  error(code: CapabilityErrorCode, message: string, cause?: unknown): CapabilityError {
    if (!this.trusted) return new CapabilityError(code, code)
    return new CapabilityError(code, message, cause === undefined ? undefined : { cause })
  }
}
