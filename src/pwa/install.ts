/** What a browser sends that lets a page put itself among the apps. Chromium has it; TypeScript's library has not. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

/**
 * Keeps the browser's offer to install the page for a button, instead of the browser's own banner.
 * @param offer called with what installs it, and with null once it is installed or the person has answered
 */
export function watchInstall(
  page: Pick<Window, 'addEventListener'>,
  offer: (install: (() => void) | null) => void,
): void {
  page.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    offer(() => {
      offer(null); // the browser takes an offer once, whatever the answer
      void (event as InstallOffer).prompt();
    });
  });
  page.addEventListener('appinstalled', () => offer(null));
}
