import type { WireFormat } from './wire-formats.ts'

type Tree = Readonly<Record<string, unknown>>
const list = (tree: Tree, name: string): readonly Tree[] => (tree[name] as readonly Tree[] | undefined) ?? []

/** Samples, lines, spans, log records or data points of a message. */
export function countRecords(format: WireFormat, message: Tree): number {
  const sum = (trees: readonly Tree[], count: (tree: Tree) => number): number =>
    trees.reduce((total, tree) => total + count(tree), 0)
  switch (format) {
    case 'remoteWrite':
      return sum(list(message, 'timeseries'), (series) => list(series, 'samples').length)
    case 'lokiPush':
      return sum(list(message, 'streams'), (stream) => list(stream, 'entries').length)
    case 'traces':
      return sum(list(message, 'resource_spans'), (resource) =>
        sum(list(resource, 'scope_spans'), (scope) => list(scope, 'spans').length),
      )
    case 'logs':
      return sum(list(message, 'resource_logs'), (resource) =>
        sum(list(resource, 'scope_logs'), (scope) => list(scope, 'log_records').length),
      )
    case 'metrics':
      return sum(list(message, 'resource_metrics'), (resource) =>
        sum(list(resource, 'scope_metrics'), (scope) => sum(list(scope, 'metrics'), dataPoints)),
      )
  }
}

function dataPoints(metric: Tree): number {
  for (const kind of ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary']) {
    if (metric[kind]) return list(metric[kind] as Tree, 'data_points').length
  }
  return 0
}
