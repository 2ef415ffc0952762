import { Dns } from './dns/dns.ts';
import { Http1 } from './http1/http1.ts';
import { Http2 } from './http2/http2.ts';
import { Kafka } from './kafka/kafka.ts';
import { MemcachedBinary } from './memcached/binary.ts';
import { Memcached } from './memcached/text.ts';
import { Mongodb } from './mongodb/mongodb.ts';
import { Mysql } from './mysql/mysql.ts';
import type { ParserClass } from './parser.ts';
import { Postgresql } from './postgresql/postgresql.ts';
import { Redis } from './redis/redis.ts';
import { Ssh } from './ssh.ts';
import { Tls } from './tls/tls.ts';
import { Turns } from './turns.ts';

/** The protocols known, in the order they are asked about unknown bytes: the surest signatures first. One line each, nothing else names them. */
export const PARSERS = [
  Http2,
  Http1,
  Tls,
  Ssh,
  Redis,
  Postgresql,
  Mysql,
  Mongodb,
  Kafka,
  MemcachedBinary,
  Memcached,
  Dns,
  Turns,
] as const satisfies readonly ParserClass[];
