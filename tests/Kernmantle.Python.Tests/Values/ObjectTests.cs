using System.Dynamic;
using Kernmantle.Python.Tests.Interpreters;

namespace Kernmantle.Python.Tests.Values;

[Interpreter("python3")]
public sealed class ObjectTests
{
    private sealed record Point(int X, double Y);

    private readonly record struct Pair(string FirstName, int? HTTPCode);

    private sealed record Order(string Name, List<Point> Items, Order? Next = null, int Priority = 3, DayOfWeek Day = DayOfWeek.Monday);

    private class Animal
    {
        public string Name { get; set; } = "none";

        public int Legs { get; init; } = 4;

        public int Doubled => Legs * 2;
    }

    private sealed class Dog : Animal
    {
        public bool Barks { get; set; }
    }

    private sealed class Strict
    {
        public required string Name { get; set; }
    }

    private struct Fields
    {
        public int Count;
        public string? Text;
    }

    private sealed record Positive
    {
        public Positive(int value)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            Value = value;
        }

        public int Value { get; }
    }

    [Fact]
    public void Names_are_in_snake_case()
    {
        Assert.Equal("(Ellipsis, 'record', 'Pair', {'first_name': 'a', 'http_code': 404})", Wire.Shown(new Pair("a", 404)));
        Assert.Equal("(Ellipsis, 'record', 'anonymous', {'total_sum': 1.5, 'ok': True})", Wire.Shown(new { TotalSum = 1.5, Ok = true }));
        Assert.Equal("{'a': 1}", Wire.Shown<dynamic>(Expando()));
    }

    private static ExpandoObject Expando()
    {
        dynamic value = new ExpandoObject();
        value.a = 1;
        return value;
    }

    [Fact]
    public void Records_and_classes_survive()
    {
        Wire.Survives(new Point(1, 2.5));
        Wire.Survives<Point?>(null);
        Wire.Survives(new Pair("a", null));
        Wire.Survives<Pair?>(new Pair("a", 5));
        Wire.Survives(new Fields { Count = 5, Text = "x" });
        Order order = Wire.ThroughPython(new Order("a", [new(1, 2)], new Order("b", [], null, 7), 1, DayOfWeek.Sunday));
        Assert.Equal(("a", "b", 7, DayOfWeek.Sunday), (order.Name, order.Next!.Name, order.Next.Priority, order.Day));
        Assert.Equal([new Point(1, 2)], order.Items);
        Animal animal = Wire.ThroughPython(new Animal { Name = "x", Legs = 6 });
        Assert.Equal(("x", 6, 12), (animal.Name, animal.Legs, animal.Doubled));
        Assert.Equal("(Ellipsis, 'record', 'Dog', {'name': 'none', 'legs': 4, 'doubled': 8, 'barks': True})", Wire.Shown<Animal>(new Dog { Barks = true }));
        var shape = new { TotalSum = 0, Name = "" };
        Assert.Equal(new { TotalSum = 5, Name = "n" }, ReadAs(shape, "(..., 'record', 'R', {'total_sum': 5, 'name': 'n'})"));
    }

    private static T ReadAs<T>(T shape, string expression) => shape is null ? throw new ArgumentNullException(nameof(shape)) : Wire.Eval<T>(expression);

    [Fact]
    public void Fields_match_without_regard_to_case_order_and_more_of_them()
    {
        Assert.Equal(new Pair("a", 1), Wire.Eval<Pair>("{'HttpCode': 1, 'unknown': [1, {2: 3}], 'FIRST_NAME': 'a'}"));
        Order order = Wire.Eval<Order>("{'name': 'a', 'items': ({'x': 1, 'y': 2},)}");
        Assert.Equal((3, DayOfWeek.Monday, null), (order.Priority, order.Day, order.Next));
        Assert.Equal(("x", 4), (Wire.Eval<Animal>("{'name': 'x'}").Name, Wire.Eval<Animal>("{}").Legs));
    }

    [Fact]
    public void What_is_missing_or_refused_is_named()
    {
        Assert.Contains("Items", Wire.Mismatch<Order>("{'name': 'a'}").Remedy, StringComparison.Ordinal);
        Assert.Contains("Name", Wire.Mismatch<Strict>("{}").Remedy, StringComparison.Ordinal);
        Assert.Equal("a", Wire.Eval<Strict>("{'name': 'a'}").Name);
        Assert.IsType<ArgumentOutOfRangeException>(Wire.Mismatch<Positive>("{'value': -1}").InnerException);
        Assert.Equal(5, Wire.Eval<Positive>("{'value': 5}").Value);
        Assert.Contains("str", Wire.Mismatch<Point>("{1: 2}").Remedy, StringComparison.Ordinal);
    }
}
