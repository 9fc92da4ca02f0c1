import { hostname } from 'node:os'
import nodePath from 'node:path'
import type { RegistryConfig } from '@ingot/loader'
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

/** The `registry` blocks of a configuration. Their attributes may use the standard library, as `sys.env` for a token. */
export function readRegistries(file: string, text: string): RegistryConfig[] {
  const { file: source, diagnostics } = parse(file, text)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw unreadable(errors, file, text)
  const scope = standardScope()
  try {
    return blocksOf(source.body, 'registry').map((block) => registryOf(block, scope, file))
  } catch (error) {
    if (error instanceof EvaluationError) throw unreadable([error.diagnostic], file, text)
    throw error
  }
}

function registryOf(block: BlockStatement, scope: Scope, file: string): RegistryConfig {
  const name = block.label?.text ?? ''
  const text = (body: Body, key: string): string | undefined => textOf(attribute(body, key, scope, file))
  const url = text(block.body, 'url')
  const scopes = asTexts(attribute(block.body, 'scopes', scope, file))
  if (name === '' || url === undefined || scopes.length === 0) {
    throw new CommandError(`Cannot read registry "${name}" in "${file}": want a label, url and scopes`)
  }
  const root = text(block.body, 'root')
  const [auth] = blocksOf(block.body, 'auth')
  const token = auth && text(auth.body, 'bearer_token')
  return { name, url, scopes, ...(root === undefined ? {} : { root }), ...(token === undefined ? {} : { token }) }
}

function blocksOf(body: Body, name: string): BlockStatement[] {
  return body.statements.filter(
    (statement): statement is BlockStatement =>
      statement.kind === 'block' && statement.name.map((part) => part.text).join('.') === name,
  )
}

function attribute(body: Body, name: string, scope: Scope, file: string): Value | undefined {
  const found = body.statements.find((statement) => statement.kind === 'attribute' && statement.name.text === name)
  return found?.kind === 'attribute' ? evaluate(found.value, scope, file) : undefined
}

function textOf(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  const plain: unknown = isSecret(value) ? openSecret(value) : value
  return typeof plain === 'string' ? plain : undefined
}

function asTexts(value: Value | undefined): string[] {
  const items: readonly Value[] = Array.isArray(value) ? value : []
  return items.map(textOf).filter((item) => item !== undefined)
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

function unreadable(diagnostics: readonly Diagnostic[], file: string, text: string): CommandError {
  const rendered = renderDiagnostics(diagnostics, new Map([[file, text]]), { color: false })
  return new CommandError(`Cannot read the registries of "${file}":\n${rendered.trimEnd()}`)
}
