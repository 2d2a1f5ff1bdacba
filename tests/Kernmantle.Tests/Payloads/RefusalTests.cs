using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tests.Payloads;

/// <summary>What else cannot cross, and that the refusal says where it is and what to do.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void LiveThings()
    {
        Says<Action>("Action", "name the method");
        Says<Payload.Holder<Func<int>>>("Holder<Func<Int32>>.Value (Func<Int32>)", "name the method");
        Says<MemoryStream>("MemoryStream", "Pass a file name");
        Says<Payload.Holder<Stream>>("Holder<Stream>.Value (Stream)", "Pass a file name");
        Says<Task<int>>("Task<Int32>", "Await it here");
        Says<ValueTask>("ValueTask", "Await it here");
        Says<Type>("Type", "Pass its name");
        Says<SafeFileHandle>("SafeFileHandle", "open it there");
        Says<Thread>("Thread", "Pass the data it is made from");
        Says<Lock>("Lock", "Pass the data it is made from");
        Says<Exception>("Exception", "Pass the data it is made from");
    }

    [Fact]
    public void LinksInsideData()
    {
        Says<Payload.Holder<CancellationToken>>("Holder<CancellationToken>.Value (CancellationToken)", "stays linked");
        Says<(int, CancellationToken)>("ValueTuple<Int32, CancellationToken>.Item2 (CancellationToken)", "stays linked");
        Says<Payload.Holder<IProgress<int>>>("Holder<IProgress<Int32>>.Value (IProgress<Int32>)", "reports then come back");
        Says<IProgress<Stream>>("IProgress<Stream>.Report (Stream)", "Pass a file name");
    }

    [Fact]
    public unsafe void Pointers()
    {
        Says<WithPointer>("WithPointer.Address (Byte*)", "pass the data");
        Says<byte*[]>("Byte*[].[] (Byte*)", "pass the data");
    }

    [Fact]
    public void CollectionsThatChangeTheirOrderOrState()
    {
        Says<int[,]>("Int32[,]", "one-dimensional");
        Says<Stack<int>>("Stack<Int32>", "Pass an array");
        Says<Queue<int>>("Queue<Int32>", "Pass an array");
        Says<LinkedList<int>>("LinkedList<Int32>", "Pass an array");
        Says<System.Collections.ArrayList>("ArrayList", "Pass an array");
        Says<ConcurrentDictionary<int, int>>("ConcurrentDictionary<Int32, Int32>", "Pass an array");
        Says<IAsyncEnumerable<int>>("IAsyncEnumerable<Int32>", "StreamAsync");
        Says<OwnList>("OwnList", "Pass an array");
        Says<Memory<string>>("Memory<String>", "Pass an array");
    }

    [Fact]
    public void WhereItIs()
    {
        Says<Order>("Order.Lines.[].Stream (FileStream)", "Pass a file name");
        Says<Order[]>("Order[].[].Lines.[].Stream (FileStream)", "Pass a file name");
        Says<Dictionary<string, Line>>("Dictionary<String, Line>.[].Stream (FileStream)", "Pass a file name");
    }

    [Fact]
    public void StateThatNoMemberRestores()
    {
        Says<Inherits>("Inherits.hidden", "private and would be lost");
        Says<ReadOnlyProperty>("ReadOnlyProperty.Stamp", "no parameter of the constructor");
        Says<ReadOnlyField>("ReadOnlyField.Stamp", "read-only");
        Says<ExplicitField>("ExplicitField.name", "private and would be lost");
        Says<InternalProperty>("InternalProperty.Hidden", "Make it public");
        Says<Shadowing>("Shadowing.Count", "declared by a base");
        Says<NoConstructor>("NoConstructor", "no public constructor");
        Says<CapturesParameter>("CapturesParameter.count", "private and would be lost");
        Says<TwoConstructors>("TwoConstructors.Count", "no parameter of the constructor");
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

    private unsafe struct WithPointer
    {
        public byte* Address { get; set; }
    }

    private sealed class OwnList : List<int>;

    private sealed record Line(FileStream Stream);

    private sealed record Order(string Name, List<Line> Lines);

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

    private sealed class TwoConstructors
    {
        public TwoConstructors() { }

        public TwoConstructors(int count) => Count = count;

        public int Count { get; }
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
