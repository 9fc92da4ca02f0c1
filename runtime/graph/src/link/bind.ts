import {
  deprecatedNames,
  diagnose,
  type Diagnostic,
  type Expression,
  FunctionValue,
  nearest,
  type ObjectValue,
  type Reference,
  references,
} from '@ingot/syntax'
import type { Binding, Node, NodeReference } from '../node.ts'
import { readableNames, resolveNames } from './resolve-names.ts'

export interface BindingRules {
  /** Names of the standard library. */
  readonly globals: ReadonlySet<string>
  readonly unstableFunctions?: ReadonlySet<string>
}

/** The variable that every module has. */
export const modulePathName = 'module_path'

/**
 * Finds out what the names in an expression stand for, and reports those that stand for nothing.
 * @returns `undefined` for expressions without names of nodes, as most are
 */
export function bind(
  expression: Expression,
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  rules: BindingRules,
  diagnostics: Diagnostic[],
): Binding | undefined {
  if (expression.kind === 'literal') return undefined
  const found: NodeReference[] = []
  let broken = false
  for (const reference of references(expression)) {
    const named = resolveNames(reference.names, node.scope, nodes)
    if (named) {
      found.push({ target: named.id, span: reference.span, fields: reference.names.slice(named.used) })
      addShadowing(reference, 'a component', node, rules, diagnostics)
      continue
    }
    const functions = node.scope.functions.functionsOf(reference.names[0]!)
    // An import that is not loaded has been reported, or is to be: its names are not.
    if (functions === 'pending' && !rules.globals.has(reference.names[0]!)) {
      broken = true
      continue
    }
    const own = functions === 'pending' ? undefined : functions
    if (own) addShadowing(reference, 'a function or an import', node, rules, diagnostics)
    const errors = own ? functionName(reference, node, own) : globalName(reference, node, nodes, rules)
    diagnostics.push(...errors)
    if (errors.some(({ severity }) => severity === 'error')) broken = true
  }
  return found.length > 0 || broken ? { references: found, broken } : undefined
}

/** A name under the label of an import, or a function of the own module. */
function functionName(
  { names, span }: Reference,
  { file }: Node,
  functions: ObjectValue | FunctionValue,
): Diagnostic[] {
  const [label, name] = names as [string, string | undefined]
  if (functions instanceof FunctionValue || name === undefined || Object.hasOwn(functions, name)) return []
  const found = nearest(name, Object.keys(functions))
  const message = `Cannot resolve "${label}.${name}": the import "${label}" brings no such function`
  return [diagnose('missing-reference', { file, span }, message, { nearest: found && `${label}.${found}` })]
}

function globalName(
  { names, spans, span }: Reference,
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  rules: BindingRules,
): Diagnostic[] {
  const { file } = node
  const name = names.join('.')
  const [first] = names as [string]
  if (first === modulePathName) return []
  if (!rules.globals.has(first)) {
    const message = `Cannot resolve "${name}": it does not exist or is out of scope`
    return [diagnose('missing-reference', { file, span }, message, { nearest: suggestion(names, node, nodes, rules) })]
  }
  const called = names.slice(0, 2).join('.')
  if (rules.unstableFunctions?.has(called)) {
    const message = `Cannot call ${called}: it is experimental`
    return [diagnose('unstable-feature', { file, span }, message, { level: 'experimental' })]
  }
  const replacement = Object.hasOwn(deprecatedNames, first) ? deprecatedNames[first] : undefined
  if (replacement === undefined) return []
  const message = `"${first}" is deprecated`
  return [diagnose('deprecated-function', { file, span: spans[0]! }, message, { replacement })]
}

function addShadowing(
  { names, span }: Reference,
  what: string,
  { file }: Node,
  rules: BindingRules,
  diagnostics: Diagnostic[],
): void {
  const [first] = names as [string]
  if (!rules.globals.has(first)) return
  const message = `"${first}" stands for ${what} here and hides the name of the standard library`
  diagnostics.push(diagnose('shadowed-function', { file, span }, message))
}

/** The nearest node, with the fields that were asked of it; else the nearest name of the standard library. */
function suggestion(
  names: readonly string[],
  { id: own, scope }: Node,
  nodes: ReadonlyMap<string, Node>,
  rules: BindingRules,
): string | undefined {
  const readable = readableNames(own, scope, nodes)
  for (let used = names.length; used > 0; used--) {
    const wanted = names.slice(0, used).join('.')
    const found = nearest(
      wanted,
      readable.filter((local) => local.split('.').length === used),
    )
    if (found !== undefined) return [found, ...names.slice(used)].join('.')
  }
  const called = nearest(names.join('.'), scope.functions.functionNames())
  if (called !== undefined) return called
  const found = nearest(names[0]!, [...rules.globals, modulePathName])
  return found === undefined ? undefined : [found, ...names.slice(1)].join('.')
}
