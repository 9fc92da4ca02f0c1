/** Whether a description says that the argument or block is only known, so that using it is an error with a reason. */
export function isAbsent(docs: string): boolean {
  return /not supported|is not available|does not exist here/i.test(docs)
}
