using System.Net;
using System.Text.Json;

namespace Kernmantle.Load;

/// <summary>Whether a service answers as it must.</summary>
internal static class Answers
{
    /// <summary>Null where it is answered as it must be.</summary>
    public static async Task<string?> WhatIsWrongAsync(Service service, UploadedFile file)
    {
        try
        {
            using HttpResponseMessage answer = await service.Client.PostAsync(new Uri("/parse", UriKind.Relative), new ByteArrayContent(file.Content));
            string body = await answer.Content.ReadAsStringAsync();
            bool right = file.Answer is { } summary
                ? answer.StatusCode == HttpStatusCode.OK && body == summary
                : answer.StatusCode == HttpStatusCode.UnprocessableEntity && IsFailure(body, file.Failure!);
            return right ? null : $"{(int)answer.StatusCode} {body}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return $"lost: {e.Message}";
        }
    }

    /// <summary>
    /// On a busy machine any hostile file may reach a limit of time before what it is made for; and one that crashes its parser may have had another, which was killed before.
    /// </summary>
    private static bool IsFailure(string body, string wanted)
    {
        string? title = JsonDocument.Parse(body).RootElement.GetProperty("title").GetString();
        return title == wanted || title is "CallTimeoutException" or "CpuLimitException" || (wanted, title) == ("WorkerCrashedException", "PoisonedCallException");
    }
}
