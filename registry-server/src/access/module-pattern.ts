/** `@acme/redact`, `@acme/*` or `*`: the modules that a token is for. */
export const modulePatternSyntax = /^(?:\*|@[a-z0-9-]+\/(?:\*|[a-z0-9-]+))$/

export function coversModule(pattern: string, module: string): boolean {
  return pattern === '*' || pattern === module || (pattern.endsWith('/*') && module.startsWith(pattern.slice(0, -1)))
}

/** Whether a pattern has to do with a scope at all. */
export function touchesScope(pattern: string, scope: string): boolean {
  return pattern === '*' || pattern.startsWith(`${scope}/`)
}
