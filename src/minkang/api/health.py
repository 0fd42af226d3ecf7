"""Health checks: is the process alive, can it do its work?"""

from litestar import MediaType, Response, Router, get

from minkang.store import TROUBLE, Pool


def health_routes(pool: Pool) -> Router:
    """`/health/live` and `/health/ready`, open to everyone, telling nothing but yes or no."""

    @get("/live", media_type=MediaType.TEXT)
    async def live() -> str:
        return "live\n"

    @get("/ready", media_type=MediaType.TEXT)
    async def ready() -> Response[str]:
        try:
            await pool.fetchval("select 1", timeout=2)
        except TROUBLE:
            return Response("database unavailable\n", status_code=503, media_type=MediaType.TEXT)
        return Response("ready\n", media_type=MediaType.TEXT)

    return Router("/health", route_handlers=[live, ready])
