/** The texts of every language say the same with the same placeholders, in the usual terms and typography of that language. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { describe, expect, test } from '@jest/globals';
import { type Language, languages, rightToLeft } from './index.ts';
import type { Messages } from './messages.ts';

type Texts = Map<string, string>;

/** All texts of a language by their path, such as `keys.title`. */
function textsOf(node: object, path: string[] = []): [string, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[[...path, key].join('.'), value] as [string, string]]
      : textsOf(value, [...path, key]),
  );
}

const load = async (language: Language): Promise<Texts> =>
  new Map(textsOf((await languages[language]()).default satisfies Messages));
const english = await load('en');
const all = await Promise.all(
  (Object.keys(languages) as Language[]).map(async (language) => ({ language, texts: await load(language) })),
);
const others = all.filter(({ language }) => language !== 'en');

/** The parts of a message at any depth. */
function partsOf(elements: MessageFormatElement[]): MessageFormatElement[] {
  return elements.flatMap((element) => {
    if (element.type === TYPE.select || element.type === TYPE.plural)
      return [element, ...Object.values(element.options).flatMap(({ value }) => partsOf(value))];
    return element.type === TYPE.tag ? [element, ...partsOf(element.children)] : [element];
  });
}

/** What a message needs from its caller: each placeholder with its kind, the choices of a `select`, and tags. */
function needsOf(text: string): string[] {
  const needs = partsOf(parse(text)).flatMap((part) => {
    if (part.type === TYPE.literal || part.type === TYPE.pound) return [];
    if (part.type === TYPE.select) return [`select ${part.value}: ${Object.keys(part.options).toSorted().join(' ')}`];
    return [`${TYPE[part.type]} ${part.value}`];
  });
  return [...new Set(needs)].toSorted();
}

/** What remains of a message without its placeholders. */
const wordsOf = (text: string) =>
  partsOf(parse(text))
    .map((part) => (part.type === TYPE.literal ? part.value : ''))
    .join(' ');

/** The texts for which `isWrong` holds, each with its path. */
const wrongIn = (texts: Texts, isWrong: (text: string, path: string) => boolean): string[] =>
  [...texts].flatMap(([path, text]) => (isWrong(text, path) ? [`${path}: ${text}`] : []));

test('every file of a language is registered, and the first language is English', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => /^[a-z]{2}\.ts$/.test(name));
  expect(Object.keys(languages).toSorted()).toEqual(files.map((name) => name.slice(0, -3)).toSorted());
  expect(Object.keys(languages)[0]).toBe('en');
});

test('a language is right to left exactly if its script is', () => {
  const written = all.filter(({ texts }) => /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(texts.get('keys.title') ?? ''));
  expect(rightToLeft).toEqual(written.map(({ language }) => language));
});

describe.each(others)('$language', ({ texts }) => {
  test('has exactly the texts of English', () => {
    expect([...texts.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  });

  test('has in each text the placeholders, choices and tags of English', () => {
    const needs = (all: Texts) => Object.fromEntries([...all].map(([path, text]) => [path, needsOf(text)]));
    expect(needs(texts)).toEqual(needs(english));
  });
});

describe.each(all)('the texts of $language', ({ language, texts }) => {
  test('have every form of each plural', () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    let plurals = 0;
    for (const [path, text] of texts) {
      for (const part of partsOf(parse(text))) {
        if (part.type !== TYPE.plural) continue;
        plurals++;
        const has = Object.keys(part.options).filter((form) => !form.startsWith('='));
        expect([path, has.toSorted()]).toEqual([path, [...forms].toSorted()]);
      }
    }
    expect(plurals).toBeGreaterThan(5);
  });

  test('have no spaces around them, no two spaces, no straight quotes, no three dots and no line breaks', () => {
    expect(
      wrongIn(texts, (text) => text !== text.trim() || text === '' || /\s{2}|["'`\n\t]|\.\.\./.test(text)),
    ).toEqual([]);
  });
});

describe('a text that is the same in English', () => {
  /** Why a text is the same in English and in these languages. */
  const reasons: { reason: string; in: Partial<Record<Language, string[]>> }[] = [
    {
      reason: 'an abbreviation that the language uses as it is',
      in: {
        ...Object.fromEntries(
          ['de', 'es', 'fr', 'pt', 'it', 'ja'].map((code) => [code, ['keys.api', 'keys.columns.api', 'keys.form.api']]),
        ),
      },
    },
    {
      reason: 'a unit with its symbol',
      in: Object.fromEntries(['de', 'es', 'fr', 'pt', 'it'].map((code) => [code, ['viewer.duration']])),
    },
    {
      reason: 'the same word in the language',
      in: {
        de: [
          'pages.app.title',
          'frame.navigation',
          'common.optional',
          'keys.columns.name',
          'keys.columns.status',
          'keys.form.name',
          'account.sessions.status',
          'viewer.server',
          'viewer.version',
        ],
        es: ['pages.app.title', 'frame.navigation', 'analytics.total'],
        fr: [
          'frame.tabs.docs',
          'keys.columns.actions',
          'docs.title',
          'account.sessions.title',
          'analytics.total',
          'viewer.version',
          'viewer.variant',
          'analytics.points',
          'keys.status.active',
        ],
        pt: [
          'pages.app.title',
          'frame.navigation',
          'keys.columns.status',
          'analytics.total',
          'account.sessions.status',
        ],
        it: ['frame.tabs.account', 'account.title', 'frame.account', 'viewer.password', 'viewer.server', 'viewer.file'],
      },
    },
    {
      reason: 'a term of HTTP or OpenAPI that developers use as it is',
      in: {
        de: ['viewer.webhooks', 'viewer.callbacks', 'viewer.cookie'],
        es: ['viewer.webhooks', 'viewer.callbacks', 'viewer.cookie'],
        fr: ['viewer.webhooks', 'viewer.callbacks', 'viewer.cookie'],
        pt: ['viewer.webhooks', 'viewer.callbacks', 'viewer.cookie'],
      },
    },
  ];
  const allowed = reasons.flatMap((reason) =>
    Object.entries(reason.in).flatMap(([language, paths]) => paths.map((path) => `${language} ${path}`)),
  );

  test('has a reason, unless it consists of placeholders', () => {
    const same = others.flatMap(({ language, texts }) =>
      [...texts].flatMap(([path, text]) =>
        text === english.get(path) && /\p{L}/u.test(wordsOf(text)) ? [`${language} ${path}`] : [],
      ),
    );
    expect(same.toSorted()).toEqual(allowed.toSorted());
  });
});

describe('terms', () => {
  /** What a text says in each language where English says the first. Each language has one word for one thing. */
  const glossary: [english: RegExp, terms: Record<Exclude<Language, 'en'>, RegExp>][] = [
    [
      /\bAPI keys?\b/i,
      {
        ...{ de: /API-Schlüssel/, es: /[Cc]laves? de API/, fr: /[Cc]lés? API/, pt: /[Cc]haves? de API/ },
        ...{ it: /[Cc]hiav[ei] API/, ja: /API キー/, ar: /(مفتاح|مفاتيح) API/ },
      },
    ],
    [
      /\brate limits?\b/i,
      {
        ...{ de: /Ratenlimit/, es: /[Ll]ímite de solicitudes|Limitadas/, fr: /[Ll]imite de débit|Débit dépassé/ },
        ...{
          pt: /[Ll]imite de requisições|Limitadas/,
          it: /[Ll]imite di frequenza|Limitate/,
          ja: /レート制限/,
          ar: /معدل الطلبات|المعدل/,
        },
      },
    ],
    [
      /\bscopes?\b/i,
      {
        ...{ de: /Berechtigung/, es: /[Pp]ermiso/, fr: /[Aa]utorisation/, pt: /[Pp]ermiss/, it: /[Pp]ermess/ },
        ...{ ja: /スコープ/, ar: /الأذونات|إذن/ },
      },
    ],
    [
      /\brotated?\b/i,
      {
        de: /otier/,
        es: /[Rr]ota/,
        fr: /[Rr]enouvel/,
        pt: /[Rr]otaciona/,
        it: /[Rr]uota/,
        ja: /ローテーション/,
        ar: /تدوير/,
      },
    ],
    [
      /\bsign out\b/i,
      {
        ...{ de: /melden|[Aa]bmeld/, es: /[Cc]errar|[Cc]ierr|cierre/, fr: /déconne/i, pt: /[Ss]ai[ra]|saída/ },
        ...{ it: /[Ee]sci|[Uu]scire|uscita/, ja: /ログアウト/, ar: /الخروج/ },
      },
    ],
    [
      /\bdisabled?\b/i,
      {
        ...{ de: /eaktivier/, es: /[Dd]esactiv/, fr: /[Dd]ésactiv/, pt: /[Dd]esativ/, it: /[Dd]isattiv/ },
        ...{ ja: /無効/, ar: /عطّل|تعطيل/ },
      },
    ],
    [
      /\brequest IDs?\b/i,
      {
        ...{ de: /Anfrage-ID/, es: /ID de la solicitud/, fr: /ID de la requête/, pt: /ID da requisição/ },
        ...{ it: /ID della richiesta/, ja: /リクエスト ID/, ar: /معرّف الطلب/ },
      },
    ],
    [
      /\bkey ID\b/i,
      {
        ...{ de: /Schlüssel-ID/, es: /ID de la clave/, fr: /ID de la clé/, pt: /ID da chave/ },
        ...{ it: /ID della chiave/, ja: /キー ID/, ar: /معرّف المفتاح/ },
      },
    ],
    [
      /\btoo many requests\b/i,
      {
        ...{ de: /[Zz]u viele Anfragen/, es: /[Dd]emasiadas solicitudes/, fr: /[Tt]rop de requêtes/ },
        ...{
          pt: /[Rr]equisições (em excesso|demais)/,
          it: /[Tt]roppe richieste/,
          ja: /リクエストが多すぎます/,
          ar: /كبير(ًا)? جدًا/,
        },
      },
    ],
    [
      /\bdocumentation\b/i,
      {
        ...{ de: /Dokumentation/, es: /Documentación/, fr: /Documentation/, pt: /Documentação/, it: /Documentazione/ },
        ...{ ja: /ドキュメント/, ar: /الوثائق/ },
      },
    ],
  ];

  test.each(others)('$language uses one term for one thing', ({ language, texts }) => {
    const wrong = glossary.flatMap(([term, terms]) => {
      const paths = [...english].flatMap(([path, text]) => (term.test(wordsOf(text)) ? [path] : []));
      const wanted = terms[language as Exclude<Language, 'en'>];
      // A term that no English text has is a mistake in the list.
      if (paths.length === 0) return [String(term)];
      return paths.map((path) => texts.get(path) ?? '').filter((text) => !wanted.test(text));
    });
    expect(wrong).toEqual([]);
  });

  /** Words that earlier texts had, or that address the reader in another way than the other texts of the language. */
  const avoided: Record<Language, RegExp> = {
    en: /\b(reroll|verifications?|oops|please try)\b/i,
    de: /\b(freiwillig|aufbewahrt|Kennung|Begrenzung|Auswertung|abschalten|du|dein\w*|dir|dich)\b/i,
    es: /\b(identificador|renovar|tú|tus?|tienes|puedes)\b/i,
    fr: /(?<!\p{L})(tu|ton|tes|jeton API|veuillez)(?!\p{L})/iu,
    pt: /(?<!\p{L})(tu|teu|tua|ficheiro|ecrã|utilizador|palavra-passe|eliminar)(?!\p{L})/iu,
    it: /(?<!\p{L})(Lei|Suo|Sua|cliccare|clicca)(?!\p{L})/u,
    ja: /クリック|下さい|サーバ(?!ー)|ユーザ(?!ー)|ブラウザ(?!ー)|フォルダ(?!ー)/,
    ar: /(?<!\p{L})(اضغط هنا|سيرفر|باسورد)(?!\p{L})/u,
  };
  test.each(all)('$language avoids words that do not fit', ({ language, texts }) => {
    expect(wrongIn(texts, (text) => avoided[language].test(wordsOf(text)))).toEqual([]);
  });
});

describe('typography', () => {
  /** The words of a text, where a placeholder is an X, and the choices are lines. */
  const shape = (elements: MessageFormatElement[]): string =>
    elements
      .map((element) => {
        if (element.type === TYPE.literal) return element.value;
        if (element.type !== TYPE.select && element.type !== TYPE.plural) return 'X';
        return Object.values(element.options)
          .map(({ value }) => shape(value))
          .join('\n');
      })
      .join('');
  const shapeOf = (text: string) => shape(parse(text));
  const rules: Record<Language, RegExp> = {
    en: /[„«»]/,
    de: /(?<! )…|[«»”]|“\p{L}/u,
    es: /“|”|(?<!¿[^?]*)\?|(?<!¡[^!]*)!/,
    // A space that does not break stands before a colon and inside quotes, and a narrow one before the other marks.
    fr: /“|”|[^\u00a0]:(?!\/)|[^\u202f][?!;]|«(?!\u00a0)|(?<!\u00a0)»/,
    pt: /«|„/,
    it: /«|„/,
    // Kana and kanji are followed by full-width marks, and a word in Latin letters or a number has a space around it.
    ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}][,.!?()]|[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}ー][A-WYZa-z0-9]|[A-WYZa-z0-9][\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
    ar: /\p{Script=Arabic}[,;?]|“|”|[٠-٩]/u,
  };
  test.each(all)('$language has its own punctuation', ({ language, texts }) => {
    expect(wrongIn(texts, (text) => rules[language].test(shapeOf(text)))).toEqual([]);
  });

  test.each(rightToLeft)('%s isolates each name, and each address in Latin letters', async (language) => {
    const texts = await load(language as Language);
    expect(wrongIn(texts, (text) => /(?<!\u2068)\{\w+\}/.test(text))).toEqual([]);
    expect(wrongIn(texts, (text) => /(?<![\u2068\w.])\d+\.\d+|(?<!\u2068)\.[a-z]/.test(text))).toEqual([]);
  });
});

test.each(others)('$language is a file of its own, which imports no other texts', async ({ language }) => {
  const source = await readFile(join(import.meta.dirname, `${language}.ts`), 'utf8');
  const imported = [...source.matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
  expect(imported).toContain('./messages.ts');
  expect(imported.filter((from) => !/^\.\/(messages|isolate-placeholders)\.ts$/.test(from ?? ''))).toEqual([]);
});
