using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kernmantle.Api.Inspection;

/// <summary>How snapshots are written: without reflection, so that trimmed programs can, too.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ProgramSnapshot))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
