import prettyBytes from 'pretty-bytes';

/**
 * "12.3 MB". English is written without `Intl`, whose first use takes tens of milliseconds: as long as a tenth of a short call from a
 * terminal.
 *
 * @param language of the digits, as in BCP 47.
 */
export function sizeText(bytes: number, language = 'en'): string {
  return prettyBytes(bytes, language === 'en' ? {} : { locale: language });
}
