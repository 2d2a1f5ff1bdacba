using System.Diagnostics.CodeAnalysis;

namespace Kernmantle.Tests.Payloads;

/// <summary>Types of the program's own with state that their public members would not bring back.</summary>
public sealed class HiddenStateTests
{
    [Fact]
    public void State_that_no_member_restores_is_refused()
    {
        Says<Inherits>("Inherits.hidden", "private and would be lost");
        Says<ReadOnlyProperty>("ReadOnlyProperty.Stamp", "no parameter of the constructor");
        Says<ReadOnlyField>("ReadOnlyField.Stamp", "no parameter of the constructor");
        Says<ExplicitField>("ExplicitField.name", "private and would be lost");
        Says<InternalProperty>("InternalProperty.Hidden", "Make it public");
        Says<Shadowing>("Shadowing.Count", "declared by a base");
        Says<NoConstructor>("NoConstructor", "no public constructor");
        Says<CapturesParameter>("CapturesParameter.count", "private and would be lost");
        Says<OtherType>("OtherType", "constructor");
        Says<PrivateReferenceStruct>("PrivateReferenceStruct.text", "private and would be lost");
        Says<OwnException>("OwnException", "derives from Exception");
    }

    private static void Says<T>(string subject, string remedy)
    {
        NotPortableException refusal = Payload.Refused<T>();
        Assert.Equal(subject, refusal.Subject);
        Assert.Contains(remedy, refusal.Remedy, StringComparison.Ordinal);
    }

    private class Hides
    {
        private int hidden;

        public int Next() => hidden++;
    }

    private sealed class Inherits : Hides
    {
        public int Count { get; set; }
    }

    private sealed class ReadOnlyProperty
    {
        public DateTime Stamp { get; } = DateTime.UnixEpoch;
    }

    [SuppressMessage("Design", "CA1051", Justification = "The case.")]
    private sealed class ReadOnlyField
    {
        public readonly DateTime Stamp = DateTime.UnixEpoch;
    }

    [SuppressMessage("Style", "IDE0032", Justification = "The case.")]
    private sealed class ExplicitField
    {
        private string name = "";

        public string Name { get => name; set => name = value.Trim(); }
    }

    private sealed record InternalProperty
    {
        internal int Hidden { get; init; }
    }

    private class Shadowed
    {
        public int Count { get; set; }
    }

    private sealed class Shadowing : Shadowed
    {
        public new string Count { get; set; } = "";
    }

    private sealed class NoConstructor
    {
        private NoConstructor() { }

        public static NoConstructor Only { get; } = new();

        public int Count { get; set; }
    }

    private sealed class CapturesParameter(int count)
    {
        public int Next() => count++;
    }

    private sealed class OtherType(string text)
    {
        public int Length { get; set; } = text.Length;
    }

    private readonly struct PrivateReferenceStruct(string text)
    {
        private readonly string text = text;

        public override string ToString() => text;
    }

    private sealed class OwnException : Exception
    {
        public int Detail { get; set; }
    }
}
