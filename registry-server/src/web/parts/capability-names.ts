/** The capabilities of lines such as `http.request of endpoint.url` (`capabilitySummary`), each once. */
export function capabilityNames(summary: readonly string[]): string[] {
  return [...new Set(summary.map((line) => line.split(' ', 1)[0]!))]
}
