namespace Kernmantle.Tests.Functions;

/// <summary>Every kind of function that C# has a syntax for can be found again in a worker.</summary>
public sealed class FunctionKindTests
{
    [Fact]
    public void A_static_lambda_runs() => Assert.Equal(42, Crossing.Call(static n => n + 1, 41));

    [Fact]
    public void A_lambda_that_captures_nothing_runs() => Assert.Equal(42, Crossing.Call(n => n + 1, 41));

    [Fact]
    public void A_function_without_arguments_runs() => Assert.Equal("here", Crossing.Call(() => "here"));

    [Fact]
    public void A_function_of_two_arguments_runs() => Assert.Equal("ab3", Crossing.Call(static (s, n) => s + n, "ab", 3));

    [Fact]
    public void A_function_of_three_arguments_runs() => Assert.Equal("ab3True", Crossing.Call(static (s, n, b) => s + n + b, "ab", 3, true));

    [Fact]
    public void A_static_method_group_runs() => Assert.Equal(7, Crossing.Call<string, int>(int.Parse, "7"));

    [Fact]
    public void A_private_static_method_group_runs() => Assert.Equal(8, Crossing.Call<int, int>(Twice, 4));

    [Fact]
    public void A_generic_method_group_runs()
    {
        Assert.Equal("Int32:5", Crossing.Call<int, string>(Describe, 5));
        Assert.Equal("String:5", Crossing.Call<string, string>(Describe, "5"));
        Assert.Equal("List`1:System.Collections.Generic.List`1[System.Int32]", Crossing.Call<List<int>, string>(Describe, [1]));
    }

    [Fact]
    public void A_lambda_in_a_generic_method_runs()
    {
        Assert.Equal("Int32 1", InGenericMethod(1));
        Assert.Equal("String x", InGenericMethod("x"));
    }

    [Fact]
    public void A_lambda_in_a_generic_type_runs()
    {
        Assert.Equal("Int32/Guid", Generic<int>.Uncaptured<Guid>());
        Assert.Equal("String/Guid/s", Generic<string>.Captured<Guid>("s"));
        Assert.Equal("Object/Guid/5", Generic<int>.Nested<object>.Run<Guid>(5));
    }

    [Fact]
    public void A_static_local_function_runs()
    {
        static int Local(int n) => n * 3;
        Assert.Equal(9, Crossing.Call<int, int>(Local, 3));
    }

    [Fact]
    public void A_local_function_that_captures_runs()
    {
        int factor = 5;
        int Local(int n) => n * factor;
        Assert.Equal(15, Crossing.Call<int, int>(Local, 3));
    }

    [Fact]
    public void A_generic_local_function_runs()
    {
        static string Local<T>(T value) => $"{typeof(T).Name}{value}";
        Assert.Equal("Double1.5", Crossing.Call<double, string>(Local, 1.5));
    }

    [Fact]
    public void A_recursive_local_function_runs()
    {
        int stop = 1;
        int Factorial(int n) => n <= stop ? 1 : n * Factorial(n - 1);
        Assert.Equal(120, Crossing.Call<int, int>(Factorial, 5));
    }

    [Fact]
    public void A_method_of_a_record_runs() => Assert.Equal(30, Crossing.Call<int, int>(new Scale(10).Apply, 3));

    [Fact]
    public void A_method_of_a_struct_runs() => Assert.Equal(40, Crossing.Call<int, int>(new ScaleStruct(10).Apply, 4));

    [Fact]
    public void A_method_of_a_type_without_state_runs() => Assert.Equal(50, Crossing.Call<int, int>(new Stateless(secret: 1).Apply, 5));

    [Fact]
    public void An_overridden_method_runs() => Assert.Equal("derived 1", Crossing.Call(new Derived { Value = 1 }.Name));

    [Fact]
    public void A_base_method_called_as_such_runs() => Assert.Equal("base 1", new Derived { Value = 1 }.CallBase());

    [Fact]
    public void A_method_of_an_interface_runs() => Assert.Equal("derived 2", Crossing.Call(((INamed)new Derived { Value = 2 }).Name));

    [Fact]
    public void A_default_method_of_an_interface_runs() => Assert.Equal("by default 3", Crossing.Call(((INamed)new Derived { Value = 3 }).Other));

    [Fact]
    public void An_extension_method_bound_to_its_first_argument_runs()
    {
        Assert.Equal("x!!", Crossing.Call("x".Shout, 2));
        Assert.Equal("null!", Crossing.Call(((string?)null).Shout, 1));
    }

    [Fact]
    public void A_static_method_of_an_interface_runs() => Assert.Equal("made by Int32", ViaConstraint<Maker>());

    [Fact]
    public void A_lambda_that_reads_a_primary_constructors_parameter_runs() => Assert.Equal(12, new Primary(5).Run(7));

    [Fact]
    public void A_lambda_in_a_constructor_or_a_property_runs()
    {
        Assert.Equal(3, new Members(3).FromConstructor);
        Assert.Equal(9, Members.FromProperty);
    }

    [Fact]
    public void A_lambda_that_makes_lambdas_runs()
    {
        int a = 2;
        Assert.Equal(2 + 4 + 6, Crossing.Call(n => Enumerable.Range(1, n).Select(i => i * a).Sum(), 3));
    }

    [Fact]
    public void A_lambda_with_a_query_runs() =>
        Assert.Equal("aa,bb", Crossing.Call(static words => string.Join(',', from w in words let d = w + w where d.Length == 2 select d), new[] { "a", "b", "ccc" }));

    [Fact]
    public void A_delegate_that_takes_a_more_general_type_runs()
    {
        Func<object, string> general = static o => $"{o}!";
        Assert.Equal("x!", Crossing.Call<string, string>(general, "x"));
    }

    private static int Twice(int n) => n * 2;

    private static string Describe<T>(T value) => $"{typeof(T).Name}:{value}";

    private static string InGenericMethod<T>(T value) => Crossing.Call(() => $"{typeof(T).Name} {value}");

    private static string ViaConstraint<T>()
        where T : IMaker => Crossing.Call<string>(T.Make);

    internal static class Generic<T>
    {
        public static string Uncaptured<U>() => Crossing.Call(() => $"{typeof(T).Name}/{typeof(U).Name}");

        public static string Captured<U>(T value) => Crossing.Call(() => $"{typeof(T).Name}/{typeof(U).Name}/{value}");

        internal static class Nested<V>
        {
            public static string Run<U>(T value) => Crossing.Call(() => $"{typeof(V).Name}/{typeof(U).Name}/{value}");
        }
    }

    internal sealed record Scale(int Factor)
    {
        public int Apply(int n) => n * Factor;
    }

    internal readonly record struct ScaleStruct(int Factor)
    {
        public int Apply(int n) => n * Factor;
    }

    internal sealed class Stateless
    {
        public Stateless(int secret) => Assert.Equal(1, secret);

        public int Apply(int n) => n * 10 + (GetHashCode() & 0);
    }

    internal interface INamed
    {
        int Value { get; }

        string Name();

        string Other() => $"by default {Value}";
    }

    internal class Base
    {
        public int Value { get; set; }

        public virtual string Name() => $"base {Value}";
    }

    internal sealed class Derived : Base, INamed
    {
        public override string Name() => $"derived {Value}";

        public string CallBase() => Crossing.Call(base.Name);
    }

    internal interface IMaker
    {
        static abstract string Make();
    }

    internal sealed class Maker : IMaker
    {
        public static string Make() => $"made by {typeof(int).Name}";
    }

    internal sealed record Primary(int Left)
    {
        public int Run(int right) => Crossing.Call(() => Left + right);
    }

    internal sealed class Members
    {
        public Members(int value) => FromConstructor = Crossing.Call(() => value);

        public int FromConstructor { get; }

        public static int FromProperty => Crossing.Call(static n => n * n, 3);
    }
}

internal static class Extensions
{
    public static string Shout(this string? text, int times) => (text ?? "null") + new string('!', times);
}
