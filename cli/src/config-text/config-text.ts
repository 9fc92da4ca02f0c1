import { hostname } from 'node:os'
import nodePath from 'node:path'
import {
  evaluate,
  EvaluationError,
  isSecret,
  openSecret,
  parse,
  renderDiagnostics,
  stdlib,
  type BlockStatement,
  type Body,
  type Diagnostic,
  type Scope,
  type Value,
} from '@ingot/syntax'
import { CommandError } from '../command-error.ts'

/** Blocks of a configuration that commands read without running it. Their attributes may use the standard library, as `sys.env`. */
export class ConfigText {
  readonly file: string
  readonly #text: string
  readonly #body: Body
  readonly #scope = standardScope()

  /** @throws CommandError when it cannot be parsed. */
  constructor(file: string, text: string) {
    const { file: source, diagnostics } = parse(file, text)
    this.file = file
    this.#text = text
    this.#body = source.body
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) throw this.#unreadable(errors)
  }

  blocks(name: string, body = this.#body): BlockStatement[] {
    return body.statements.filter(
      (statement): statement is BlockStatement =>
        statement.kind === 'block' && statement.name.map((part) => part.text).join('.') === name,
    )
  }

  /** @throws CommandError when the attribute cannot be evaluated. */
  value(body: Body, name: string): Value | undefined {
    const found = body.statements.find((statement) => statement.kind === 'attribute' && statement.name.text === name)
    if (found?.kind !== 'attribute') return undefined
    try {
      return evaluate(found.value, this.#scope, this.file)
    } catch (error) {
      if (error instanceof EvaluationError) throw this.#unreadable([error.diagnostic])
      throw error
    }
  }

  text(body: Body, name: string): string | undefined {
    return textOf(this.value(body, name))
  }

  texts(body: Body, name: string): string[] {
    const value = this.value(body, name)
    const items: readonly Value[] = Array.isArray(value) ? value : []
    return items.map(textOf).filter((item) => item !== undefined)
  }

  #unreadable(diagnostics: readonly Diagnostic[]): CommandError {
    const rendered = renderDiagnostics(diagnostics, new Map([[this.file, this.#text]]), { color: false })
    return new CommandError(`Cannot read the modules of "${this.file}":\n${rendered.trimEnd()}`)
  }
}

function textOf(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  const plain: unknown = isSecret(value) ? openSecret(value) : value
  return typeof plain === 'string' ? plain : undefined
}

function standardScope(): Scope {
  const library = stdlib({
    env: (name) => process.env[name],
    hostname: hostname(),
    os: process.platform === 'win32' ? 'windows' : process.platform,
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
    version: 'v0.1.0',
    path: nodePath,
  }) as unknown as Readonly<Record<string, Value>>
  return { lookup: (name) => library[name] }
}
