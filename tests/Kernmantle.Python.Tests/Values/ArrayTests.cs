using Kernmantle.Python.Tests.Interpreters;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Tests.Values;

[Interpreter("python3")]
public sealed class ArrayTests
{
    [Fact]
    public void Numbers_in_a_row_survive()
    {
        Row<sbyte>([-128, 0, 127]);
        Row<short>([short.MinValue, 0, short.MaxValue]);
        Row<ushort>([0, ushort.MaxValue]);
        Row<int>([int.MinValue, 0, int.MaxValue]);
        Row<uint>([0, uint.MaxValue]);
        Row<long>([long.MinValue, 0, long.MaxValue]);
        Row<ulong>([0, ulong.MaxValue]);
        Row<float>([-0f, float.NaN, float.MaxValue]);
        Row<double>([-0.0, double.NaN, double.MaxValue]);
        Row<bool>([true, false]);
        Assert.Equal(@"(Ellipsis, 'array', 'h', (2,), b'\x01\x00\xff\xff')", Wire.Shown<short[]>([1, -1]));
        Assert.Equal("None", Wire.Shown<int[]?>(null));
    }

    private static void Row<T>(T[] items)
        where T : unmanaged
    {
        foreach (T[] row in (T[][])[items, []])
        {
            Wire.Survives(row);
            Assert.Equal(row, Wire.ThroughPython<Memory<T>>(row).ToArray());
            Assert.Equal(row, Wire.ThroughPython<ReadOnlyMemory<T>>(row).ToArray());
            Assert.Equal(row, Wire.ThroughPython(new ArraySegment<T>(row)).ToArray());
            Assert.Equal(row, Wire.Read<List<T>>(Wire.Write(row)));
            Assert.Equal(row, Wire.Read<T[]>(Wire.Write(new List<T>(row))));
            Assert.Equal(row, Assert.IsType<T[]>(Wire.Read<object>(Wire.Write(row))));
        }
    }

    [Fact]
    public void Numbers_in_several_dimensions_survive()
    {
        Wire.Survives(new double[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Wire.Survives(new byte[,] { { 1, 2 } });
        Wire.Survives(new bool[,] { { true, false } });
        Wire.Survives(new int[2, 0]);
        Wire.Survives(new[,,] { { { 1L, 2 }, { 3, 4 } } });
        Wire.Survives<int[,]?>(null);
        Assert.Equal(@"(Ellipsis, 'array', 'B', (2, 1), b'\x01\x02')", Wire.Shown(new byte[,] { { 1 }, { 2 } }));
        Assert.Equal(new double[,] { { 1 }, { 2 } }, Wire.Read<double[,]>(Wire.Write(new byte[,] { { 1 }, { 2 } })));
        Assert.Equal(new int[,] { { 1 } }, Wire.Read<object>(Wire.Write(new int[,] { { 1 } })));
        Wire.Mismatch<int[]>("(..., 'array', 'B', (2, 1), b'12')");
        Wire.Mismatch<int[,]>("(..., 'array', 'B', (2,), b'12')");
        Wire.Mismatch<object>("(..., 'array', 'B', (1, 1, 1, 2), b'12')");
        Assert.Equal(1000, Wire.Eval<int[,]>("(..., 'array', 'i', (0, 1000), b'')").GetLength(1));
        Wire.Mismatch<int[,]>("(..., 'array', 'i', (0, 2147483647), b'')");
        Wire.Mismatch<int[,,]>("(..., 'array', 'i', (1048576, 1048576, 0), b'')");
    }

    [Fact]
    public void Items_widen_where_nothing_is_lost()
    {
        Assert.Equal([-1, 1], Wire.Read<long[]>(Wire.Write<sbyte[]>([-1, 1])));
        Assert.Equal([uint.MaxValue], Wire.Read<long[]>(Wire.Write<uint[]>([uint.MaxValue])));
        Assert.Equal([1.5], Wire.Read<double[]>(Wire.Write<float[]>([1.5f])));
        Assert.Equal([int.MinValue], Wire.Read<double[]>(Wire.Write<int[]>([int.MinValue])));
        Assert.Equal([65535f], Wire.Read<float[]>(Wire.Write<ushort[]>([65535])));
        Assert.Throws<Kernmantle.Python.Values.PythonValueMismatchException>(() => Wire.Read<int[]>(Wire.Write<long[]>([1])));
        Assert.Throws<Kernmantle.Python.Values.PythonValueMismatchException>(() => Wire.Read<double[]>(Wire.Write<long[]>([1])));
        Assert.Throws<Kernmantle.Python.Values.PythonValueMismatchException>(() => Wire.Read<uint[]>(Wire.Write<int[]>([1])));
        Assert.Throws<Kernmantle.Python.Values.PythonValueMismatchException>(() => Wire.Read<bool[]>(Wire.Write<sbyte[]>([1])));
    }

    [Fact]
    public void Large_ones_go_to_blocks()
    {
        var blocks = new MemoryBlocks(1 << 20);
        double[] large = [.. Enumerable.Range(0, 8192).Select(static n => n / 3.0)];
        byte[] bytes = Wire.Write<(double[], double[], double[,])>((large, large[..8191], new double[128, 64]), blocks);
        Assert.Equal(2, blocks.Placed);
        (double[] first, double[] second, double[,] third) = Wire.Read<(double[], double[], double[,])>(bytes, blocks);
        Assert.Equal(large, first);
        Assert.Equal(large[..8191], second);
        Assert.Equal(new double[128, 64], third);
        Assert.Equal("(Ellipsis, 'block', 'd', (8192,), 7, 0)", PythonChild.Get().Load(Wire.Write(large, new MemoryBlocks(1 << 17))).Shown);
        // No room: they travel with the value.
        Assert.Equal(large, Wire.Read<double[]>(Wire.Write(large, new MemoryBlocks(100))));
        Assert.Throws<InvalidPayloadException>(() => Wire.Read<double[]>(Wire.Write(large, new MemoryBlocks(1 << 17))));
    }

    [Fact]
    public void One_value_may_not_name_the_same_block_without_end()
    {
        var blocks = new MemoryBlocks(64 << 10);
        byte[] one = Wire.Write(new long[8192], blocks);
        Assert.Equal(8192, Wire.Read<long[]>(one, blocks).Length);
        byte[] many = [(byte)'[', 2, 0, 0, 0, .. one, .. one];
        Assert.Throws<InvalidPayloadException>(() => Wire.Read<List<long[]>>(many, blocks));
    }

    [Fact]
    public void Arrays_of_other_things_are_lists()
    {
        Wire.Survives<DateOnly[]>([new(2024, 1, 1)]);
        Wire.Survives<DayOfWeek[]>([DayOfWeek.Friday]);
        Wire.Survives<char[]>(['a']);
        Wire.Survives<int[][]>([[1, 2], [], [3]]);
        Assert.Equal("[5]", Wire.Shown<DayOfWeek[]>([DayOfWeek.Friday]));
    }

    [Fact]
    public void A_shared_buffer_is_an_array()
    {
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(3);
        buffer.Span[1] = 5;
        Assert.Equal([0, 5, 0], Wire.Read<int[]>(Wire.Write(buffer)));
    }

    [Theory]
    [InlineData("(..., 'array', 'x', (1,), b'1')")]
    [InlineData("(..., 'array', 'ii', (1,), b'1')")]
    [InlineData("(..., 'array', 'i', (1,), b'1')")]
    [InlineData("(..., 'array', 'b', (-1,), b'')")]
    [InlineData("(..., 'array', 'b', (4294967297,), b'')")]
    [InlineData("(..., 'array', 'b', (2147483647,) * 3, b'')")]
    [InlineData("(..., 'array', 'b', (1,) * 40, b'1')")]
    [InlineData("(..., 'array', 'b', 1, b'1')")]
    [InlineData("(..., 'array', '?', (1,), b'\\x02')")]
    [InlineData("(..., 'block', 'b', (1,), 0, 0)")]
    public void Malformed_arrays_are_refused(string expression)
    {
        byte[] bytes = PythonChild.Get().Eval(expression).Dumped;
        Assert.Throws<InvalidPayloadException>(() => Wire.Read<bool[]>(bytes));
        Assert.Throws<InvalidPayloadException>(() => Wire.Read<object>(bytes));
    }
}
