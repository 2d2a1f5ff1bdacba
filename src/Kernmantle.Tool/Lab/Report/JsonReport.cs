using System.Text.Encodings.Web;
using System.Text.Json;
using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Lab.Report;

/// <summary>The lab for programs. The schema is docs/lab.schema.json.</summary>
internal static class JsonReport
{
    // Units are full of 'µ' and '×'. Where this text is put into a web page it is escaped there.
    public static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(LabResult result) => JsonSerializer.Serialize(result, Format) + "\n";

    /// <exception cref="JsonException">The text is not a result of the lab.</exception>
    public static LabResult Read(string json) => JsonSerializer.Deserialize<LabResult>(json, Format) ?? throw new JsonException("null is not a result of the lab.");
}
