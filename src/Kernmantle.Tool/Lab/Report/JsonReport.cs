using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Kernmantle.Tool.Lab.Model;

namespace Kernmantle.Tool.Lab.Report;

/// <summary>The lab for programs. The schema is docs/lab.schema.json.</summary>
internal static class JsonReport
{
    // Units are full of 'µ' and '×'. Where this text is put into a web page it is escaped there.
    public static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.Strict,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static string Write(LabResult result) => JsonSerializer.Serialize(result, Format) + "\n";

    /// <summary>What <see cref="Write"/> writes, as JSON Schema.</summary>
    public static string Schema() => SchemaOf(typeof(LabResult), "kern lab --json");

    public static string SchemaOf(Type type, string title)
    {
        JsonNode schema = Format.GetJsonSchemaAsNode(type, new() { TreatNullObliviousAsNonNullable = true });
        schema.AsObject().Insert(0, "title", title);
        schema.AsObject().Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        return schema.ToJsonString(Format) + "\n";
    }

    /// <exception cref="JsonException">The text is not a result of the lab.</exception>
    public static LabResult Read(string json) => JsonSerializer.Deserialize<LabResult>(json, Format) ?? throw new JsonException("null is not a result of the lab.");
}
