using System.Text;
using System.Text.Json;
using Gateway.Proxy.Answers;

namespace Gateway.Proxy.Tests.Answers;

public sealed class LocalAnswerTests
{
    private static (string Type, string Body) Render(string accept, string id = "4f3a")
    {
        var (type, body) = LocalAnswer.Render(AnswerReason.NoEndpoints, id, accept);
        return (type, Encoding.UTF8.GetString(body));
    }

    [Fact]
    public void A_browser_gets_html()
    {
        var (type, body) = Render("text/html,application/xhtml+xml,*/*;q=0.8");
        Assert.Equal("text/html; charset=utf-8", type);
        Assert.Contains("<h1>503 Service Unavailable</h1>", body, StringComparison.Ordinal);
        Assert.Contains("4f3a", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/problem+json")]
    public void An_api_client_gets_json(string accept)
    {
        var (type, body) = Render(accept);
        Assert.Equal("application/json", type);
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal(503, json.GetProperty("status").GetInt32());
        Assert.Equal("no_endpoints", json.GetProperty("reason").GetString());
        Assert.Equal("4f3a", json.GetProperty("requestId").GetString());
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("")]
    public void Everybody_else_gets_text(string accept)
    {
        var (type, body) = Render(accept);
        Assert.Equal("text/plain; charset=utf-8", type);
        Assert.EndsWith("Request id: 4f3a\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json, text/html;q=0.1", "application/json")]
    [InlineData("application/json;q=0.5, text/html;q=0.6", "text/html")]
    [InlineData("application/json, text/html", "text/html")]
    [InlineData("text/html;q=0, application/json;q=0.2", "application/json")]
    [InlineData("text/html;q=0", "text/plain")]
    [InlineData("text/html; q=0.0, */*", "text/plain")]
    [InlineData("application/json;q=0", "text/plain")]
    [InlineData("text/html;q=0.4, text/plain", "text/plain")]
    [InlineData("TEXT/HTML;level=1", "text/html")]
    [InlineData("text/html, application/json;q=0.5, text/html;level=1;q=0.1", "text/html")] // the best of several
    [InlineData("text/html-like, application/jsonp", "text/plain")]
    [InlineData("text/html;q=;;,/", "text/plain")]
    public void The_form_is_the_one_that_the_client_likes_best(string accept, string expected) =>
        Assert.Equal(expected, Render(accept).Type.Split(';')[0]);

    [Fact]
    public void A_request_id_cannot_carry_markup() =>
        Assert.DoesNotContain("<script>", Render("text/html", "<script>").Body, StringComparison.Ordinal);
}
