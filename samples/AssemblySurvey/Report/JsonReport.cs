using System.Text.Encodings.Web;
using System.Text.Json;

namespace AssemblySurvey.Report;

/// <summary>The survey for programs. Nothing in it depends on time, on process ids or on which worker was first.</summary>
internal static class JsonReport
{
    // Method names are full of '<' and '+'; this text is not put into a web page.
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(SurveyResult result, Stream output)
    {
        JsonSerializer.Serialize(
            output,
            new
            {
                Frameworks = result.Groups,
                result.Total,
                result.NativeFiles,
                result.UnreadableFolders,
                Unread = result.Unread.Select(static outcome => new { outcome.Item.Name, outcome.Failure!.Type, outcome.Failure.Reason }),
                Hostile = result.Hostile.Select(static hostile => new
                {
                    hostile.Item.Item.Name,
                    hostile.Item.Description,
                    Outcome = hostile.Outcome.Failure?.Type ?? "read",
                    hostile.Outcome.Failure?.Reason,
                }),
            },
            Format);
        output.WriteByte((byte)'\n');
    }
}
