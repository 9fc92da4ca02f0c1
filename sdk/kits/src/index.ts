/**
 * Building blocks that components share: HTTP client arguments, retries, regular expressions, relabelling. Everything
 * here works on what `env` hands over; nothing touches the host by itself.
 */
export * from './format-error.ts'
export * from './regexp/compile-regexp.ts'
export * from './regexp/template.ts'
export { RegexpError, translateRegexp } from './regexp/translate-regexp.ts'
export * from './retry/backoff.ts'
export * from './retry/retry-after.ts'
export * from './http-client/http-client-arguments.ts'
export * from './http-client/http-client.ts'
export * from './file-match/expand-path-targets.ts'
export * from './otel/index.ts'
export * from './relabel/relabel-rule.ts'
export * from './relabel/relabeler.ts'
export * from './relabel/derived-series.ts'
export * from './selector/parse-selector.ts'
export * from './exporter/exporter-target.ts'
export * from './exporter/exposition-writer.ts'
