import { type Static, type TSchema, Type } from '@sinclair/typebox';

/** Unix epoch in ms, of capture time unless it says so. */
export const TimeMs = (description: string) => Type.Number({ minimum: 0, maximum: 8.64e15, description });
export const Count = (description: string) => Type.Number({ minimum: 0, description });
export const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

/** One of `words`. */
export const OneOf = <const W extends readonly string[]>(words: W, description: string) =>
  Type.Unsafe<W[number]>(
    Type.Union(
      words.map((word) => Type.Literal(word)),
      { description },
    ),
  );

/** An address as Weir writes it (RFC 5952 for IPv6), or a prefix such as 10.0.0.0/8. Not checked further here. */
export const AddressText = (description: string) => Type.String({ minLength: 1, maxLength: 64, description });

/** A page of a list. `page` counts from 1; `total` is over all pages. */
export const PageOf = <S extends TSchema>(item: S, description: string) =>
  Type.Object(
    {
      items: Type.Array(item),
      total: Count('Items that fit, over all pages'),
      page: Type.Integer({ minimum: 1 }),
      pageSize: Type.Integer({ minimum: 1 }),
    },
    { description },
  );

/** Query of a paged list. */
export const PagingQuery = {
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'From 1 (default)' })),
  pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'Default 50' })),
};

/** Query of a stretch of capture time. */
export const RangeQuery = {
  fromMs: Type.Optional(TimeMs('From here on; default: as far back as the resource shows')),
  toMs: Type.Optional(TimeMs('Before here; default: the newest there is')),
};

/** What every refusal looks like (4xx and 5xx). */
export const ApiError = Type.Object(
  {
    statusCode: Type.Integer({ description: 'The HTTP status' }),
    error: Type.String({ description: 'Name of the status, such as Bad Request' }),
    message: Type.String({ description: 'What is wrong, which value, and what to do about it' }),
  },
  { description: 'A refusal' },
);
export type ApiError = Static<typeof ApiError>;
