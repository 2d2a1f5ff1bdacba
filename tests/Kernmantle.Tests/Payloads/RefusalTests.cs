using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Tests.Payloads;

/// <summary>What else cannot cross, and that the refusal says where it is and what to do.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void Live_things_are_refused_with_the_remedy()
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
        Says<System.Text.Json.JsonElement>("JsonElement", "GetRawText()");
        Says<System.Text.Json.JsonDocument>("JsonDocument", "RootElement.GetRawText()");
        Says<System.Text.Json.Nodes.JsonNode>("JsonNode", "ToJsonString()");
        Says<System.Text.Json.Nodes.JsonObject>("JsonObject", "ToJsonString()");
    }

    [Fact]
    public void Links_inside_data_are_refused_with_the_remedy()
    {
        Says<Payload.Holder<CancellationToken>>("Holder<CancellationToken>.Value (CancellationToken)", "stays linked");
        Says<(int, CancellationToken)>("ValueTuple<Int32, CancellationToken>.Item2 (CancellationToken)", "stays linked");
        Says<Payload.Holder<IProgress<int>>>("Holder<IProgress<Int32>>.Value (IProgress<Int32>)", "reports then come back");
        Says<IProgress<Stream>>("IProgress<Stream>.Report (Stream)", "Pass a file name");
    }

    [Fact]
    public unsafe void Pointers_are_refused()
    {
        Says<WithPointer>("WithPointer.Address (Byte*)", "pass the data");
        Says<byte*[]>("Byte*[].[] (Byte*)", "pass the data");
    }

    [Fact]
    public void Collections_that_would_change_their_order_or_state_are_refused()
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
    public void A_refusal_says_where_it_is()
    {
        Says<Order>("Order.Lines.[].Stream (FileStream)", "Pass a file name");
        Says<Order[]>("Order[].[].Lines.[].Stream (FileStream)", "Pass a file name");
        Says<Dictionary<string, Line>>("Dictionary<String, Line>.[].Stream (FileStream)", "Pass a file name");
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
}
