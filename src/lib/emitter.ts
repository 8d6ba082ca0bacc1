/** Ends a subscription; a second call does nothing. */
export type Unsubscribe = () => void

/** Listeners of one kind of event, called in order of subscription, synchronously. */
export class Emitter<Event> {
  readonly #listeners = new Set<(event: Event) => void>()

  on(listener: (event: Event) => void): Unsubscribe {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(event: Event): void {
    for (const listener of this.#listeners) listener(event)
  }
}
