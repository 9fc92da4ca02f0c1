import type { Distribution, LoadedComponent } from '@ingot/loader'
import type { ImportLoader } from './load-imports.ts'

/** A component by the name that its node carries: the key of an import, or a full name of the distribution. */
export function componentOf(
  component: string,
  distribution: Distribution,
  imports: Pick<ImportLoader, 'components'>,
): LoadedComponent | undefined {
  return imports.components.get(component)?.loaded ?? distribution.lookup(component)
}
