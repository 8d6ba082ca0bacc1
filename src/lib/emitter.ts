/** Ends a subscription; a second call does nothing. */
export type Unsubscribe = () => void

/** Listeners of one kind of event, called in order of subscription, synchronously. */
export class Emitter<Event> {
  /** Made for the first listener: many events of a node have none. */
  #listeners: Set<(event: Event) => void> | undefined

  on(listener: (event: Event) => void): Unsubscribe {
    const listeners = (this.#listeners ??= new Set())
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  emit(event: Event): void {
    if (this.#listeners === undefined) return
    for (const listener of this.#listeners) listener(event)
  }
}
