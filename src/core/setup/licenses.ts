/** The beginning of a license is enough to tell which it is. Bytes. */
export const LICENSE_HEAD = 8 * 1024;

/** Whether a file of that name at the top of a model's folder holds its license. */
export function isLicenseFile(path: string): boolean {
  return /^(?:licen[cs]e|copying)(?:\.(?:txt|md|rst))?$/i.test(path);
}

/**
 * Licences by words that only they have, with the names that the Hub gives them
 * (https://huggingface.co/docs/hub/repositories-licenses). The first that fits counts.
 */
const LICENSES: readonly (readonly [id: string, words: RegExp])[] = [
  ['apache-2.0', /apache license\s+version 2\.0/i],
  ['agpl-3.0', /gnu affero general public license\s+version 3/i],
  ['lgpl-3.0', /gnu lesser general public license\s+version 3/i],
  ['gpl-3.0', /gnu general public license\s+version 3/i],
  ['gpl-2.0', /gnu general public license\s+version 2/i],
  ['mpl-2.0', /mozilla public license,? version 2\.0/i],
  ['cc-by-nc-sa-4.0', /attribution-noncommercial-sharealike 4\.0 international/i],
  ['cc-by-nc-nd-4.0', /attribution-noncommercial-noderivatives 4\.0 international/i],
  ['cc-by-nc-4.0', /attribution-noncommercial 4\.0 international/i],
  ['cc-by-sa-4.0', /attribution-sharealike 4\.0 international/i],
  ['cc-by-4.0', /creative commons attribution 4\.0 international/i],
  ['cc0-1.0', /cc0 1\.0 universal/i],
  ['unlicense', /this is free and unencumbered software released into the public domain/i],
  ['llama3.3', /llama 3\.3 community license/i],
  ['llama3.2', /llama 3\.2 community license/i],
  ['llama3.1', /llama 3\.1 community license/i],
  ['llama3', /meta llama 3 community license/i],
  ['llama2', /llama 2 community license/i],
  ['gemma', /gemma terms of use/i],
  ['bsd-3-clause', /redistribution and use in source and binary forms[^]*neither the name/i],
  ['bsd-2-clause', /redistribution and use in source and binary forms/i],
  ['isc', /permission to use, copy, modify, and(?:\/or)? distribute this software for any purpose/i],
  ['mit', /permission is hereby granted, free of charge, to any person obtaining a copy of this software/i],
];

/** The Hub's name of the license whose text begins so; undefined where it is none that is known. */
export function licenseOf(beginning: string): string | undefined {
  const text = beginning.replace(/\s+/g, ' ');
  return LICENSES.find(([, words]) => words.test(text))?.[0];
}
