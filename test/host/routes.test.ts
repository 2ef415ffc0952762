import { describe, expect, it } from 'vitest';
import { matched } from '../../src/host/lenses/matching.ts';
import { LANGUAGES, languageOf, routesIn } from '../../src/host/lenses/routes.ts';

/** "line method path" of each route found. */
const found = (language: string, text: string) =>
  routesIn(text, language).map((r) => `${text.slice(0, r.offset).split('\n').length} ${r.method || 'ANY'} ${r.path}`);

describe('route definitions', () => {
  it('Express: apps and routers, chains, what stands before a mounted router; no clients, no comments', () => {
    const text = `const app = express();
const shop = express.Router();
app.use('/api', auth, shop);
app.get('/health', (_, res) => res.send('ok'));
shop.post("/orders/:id/items", async (req, res) => {
  await axios.get('/health');
  const cached = cache.get('/orders');
});
// app.get('/old', old);
router.route('/carts/:id').get(show).put(change);
app.all('/any', any);
app.get(\`/users/\${x}\`, computed);
app.get('view engine');`;
    expect(found('javascript', text)).toEqual(['4 GET /health', '5 POST /api/orders/:id/items', '10 ANY /carts/:id', '11 ANY /any']);
  });
  it('Fastify: short and full forms, with types', () => {
    const text = `const server = Fastify();
fastify.get<{ Params: { id: string } }>('/orders/:id', { schema }, handler);
server.route({
  method: ['GET', 'HEAD'],
  url: '/stock',
  handler: async () => ({}),
});
svc.get('/not-known', handler);`;
    expect(found('typescript', text)).toEqual(['2 GET /orders/:id', '3 GET /stock', '3 HEAD /stock']);
  });
  it('NestJS: methods below the path of their controller', () => {
    const text = `@Controller('orders')
export class OrdersController {
  @Get(':id')
  one() {}
  @Post()
  create() {}
}
@Controller({ path: 'stock', version: '1' })
class Stock {
  @All('reserve')
  reserve() {}
}
@Controller()
class Root { @Get() index() {} }`;
    expect(found('typescript', text)).toEqual(['3 GET /orders/:id', '5 POST /orders', '10 ANY /stock/reserve', '14 GET /']);
  });
  it('Flask and FastAPI: methods and prefixes', () => {
    const text = `bp = Blueprint("orders", __name__, url_prefix="/api")
router = APIRouter(
    prefix="/v2",
)
@app.route("/")
def index(): ...
@bp.route("/orders/<int:id>", methods=["GET", "DELETE"])
def order(id): ...
@router.get("/items/{item_id}", response_model=Item)
async def item(item_id: int): ...
# @app.route("/old")
@app.errorhandler(404)
def missing(e): ...
requests.get("/orders")`;
    expect(found('python', text)).toEqual([
      '5 GET /',
      '7 GET /api/orders/<int:id>',
      '7 DELETE /api/orders/<int:id>',
      '9 GET /v2/items/{item_id}',
    ]);
  });
  it('Spring: paths of the class, lists, methods of a request mapping, Kotlin', () => {
    const text = `@RestController
@RequestMapping("/orders")
public class Orders {
  @GetMapping("/{id}")
  public Order one() {}
  @PostMapping
  public Order create() {}
  @RequestMapping(value = {"/a", "/b"}, method = RequestMethod.PUT)
  public void two() {}
  @GetMapping(path = "/export", produces = "text/csv")
  public void export() {}
}
@RequestMapping(path = ["/kt"])
@Validated
class Kt {
  @DeleteMapping(value = ["/{id}"]) fun gone() {}
  @RequestMapping("/any") fun any() {}
}`;
    expect(found('java', text)).toEqual([
      '4 GET /orders/{id}',
      '6 POST /orders',
      '8 PUT /orders/a',
      '8 PUT /orders/b',
      '10 GET /orders/export',
      '16 DELETE /kt/{id}',
      '17 ANY /kt/any',
    ]);
  });
  it('Go: patterns with and without method and host, subtrees', () => {
    const text = `func main() {
	http.HandleFunc("/health", health)
	mux.HandleFunc("GET /orders/{id}", order)
	mux.Handle("POST example.com/orders", h)
	mux.Handle("/files/", http.FileServer(dir))
	mux.HandleFunc("GET /{$}", root)
	s.mux.Handle(pattern, h)
}`;
    expect(found('go', text)).toEqual(['2 ANY /health', '3 GET /orders/{id}', '4 POST /orders', '5 ANY /files/{below...}', '6 GET /']);
  });
  it('nothing is found in other languages, and odd text does not take long', () => {
    expect(found('ruby', `get '/orders' do`)).toEqual([]);
    const odd = `${'@RequestMapping('.repeat(3000)}${'app.get('.repeat(3000)}${'@a.route('.repeat(3000)}${'x.route({'.repeat(2000)}`;
    for (const language of LANGUAGES) expect(routesIn(odd, language).length).toBeLessThan(501);
  });
  it('files are known by their ends', () => {
    expect([languageOf('/a/b.mts'), languageOf('/a/b.kt'), languageOf('/a/b.rb')]).toEqual(['javascript', 'java', '']);
  });
});

describe('routes and observed endpoints', () => {
  const match = (routes: readonly string[], endpoints: readonly string[]) => {
    const list = routes.map((r, offset) => ({ offset, method: r.split(' ')[0]!.replace('ANY', ''), path: r.split(' ')[1]! }));
    const m = matched(
      list,
      endpoints.map((endpoint) => ({ endpoint, value: 0 })),
    );
    return Object.fromEntries(list.flatMap((r) => (m.has(r) ? [[routes[r.offset]!, m.get(r)!.map((o) => o.endpoint)]] : [])));
  };
  it('parameters in every notation are one segment', () => {
    for (const path of ['/orders/:id', '/orders/{id}', '/orders/<int:id>', '/orders/{id:\\d+}'])
      expect(match([`GET ${path}`], ['GET /orders/{id}', 'POST /orders/{id}', 'GET /orders', 'GET /orders/{id}/items'])).toEqual({
        [`GET ${path}`]: ['GET /orders/{id}'],
      });
  });
  it('the route that writes more out wins, as in a router', () => {
    expect(match(['GET /orders/:id', 'GET /orders/latest', 'ANY /*'], ['GET /orders/latest', 'GET /orders/{id}', 'GET /x/y'])).toEqual({
      'GET /orders/latest': ['GET /orders/latest'],
      'GET /orders/:id': ['GET /orders/{id}'],
      'ANY /*': ['GET /x/y'],
    });
  });
  it('what another file puts before a path does not hide it; a lone parameter or root is the end of nothing', () => {
    expect(match(['GET /orders/:id', 'GET /:id', 'GET /'], ['GET /api/v1/orders/{id}', 'GET /api/stock'])).toEqual({
      'GET /orders/:id': ['GET /api/v1/orders/{id}'],
    });
  });
  it('calls that are no HTTP requests match nothing', () => {
    expect(match(['ANY /*'], ['SELECT orders', 'GET', 'tls'])).toEqual({});
  });
});
