using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Kernmantle.Dashboard;

/// <summary>The page, in one piece: style and script stand in it, and the browser runs no others and asks nobody else.</summary>
internal static class DashboardPage
{
    private static readonly string Style = Read("page.css"), Script = Read("page.js");

    private static readonly byte[] Html = Encoding.UTF8.GetBytes(Read("page.html").Replace("{{style}}", Style, StringComparison.Ordinal).Replace("{{script}}", Script, StringComparison.Ordinal));

    private static readonly string Policy = $"default-src 'none'; style-src '{HashOf(Style)}'; script-src '{HashOf(Script)}'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static Task ServeAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return response.Body.WriteAsync(Html, context.RequestAborted).AsTask();
    }

    /// <summary>Of what stands between the tags, as the browser reads it.</summary>
    private static string HashOf(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Read(string name)
    {
        using Stream stream = typeof(DashboardPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
